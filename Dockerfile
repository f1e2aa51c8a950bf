# Build: one static binary. Run: nothing but the binary and CA certificates.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /lindu ./cmd/lindu

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /lindu /lindu
VOLUME /data
EXPOSE 8080 1935
ENV LINDU_HTTP=0.0.0.0:8080 LINDU_RTMP=:1935 LINDU_DATA=/data LINDU_LOG__FORMAT=json
ENTRYPOINT ["/lindu"]
CMD ["serve"]
