package push

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/bytecounter"
	"github.com/bluenviron/gortmplib/pkg/handshake"
	"github.com/bluenviron/gortmplib/pkg/message"
)

// session is the conversation on a connection. The library's own client answers
// pings from the goroutine that reads, into the writer of the one that writes;
// here every write is alone. It implements gortmplib.Conn.
type session struct {
	nc *conn
	bc *bytecounter.ReadWriter
	r  *message.Reader

	mu sync.Mutex
	w  *message.Writer
}

// Values of the conversation, as encoders in use send them.
const (
	window    = 2_500_000 // bytes between acknowledgements
	chunkSize = 65536
	streamID  = 0x1000000 // the library's form of message stream 1
)

// open does the handshake and asks to publish (RTMP 1.0, 7.2.1.1 and 7.2.2.6).
// All of it takes the connection's timeout at most.
func open(nc *conn, u *url.URL, key string) (*session, error) {
	if err := nc.SetReadDeadline(time.Now().Add(nc.timeout)); err != nil {
		return nil, err
	}
	s := &session{nc: nc, bc: bytecounter.NewReadWriter(nc)}
	if _, _, err := handshake.DoClient(s.bc, false, false); err != nil {
		return nil, err
	}
	s.w = message.NewWriter(s.bc, s.bc.Writer, false)
	s.r = message.NewReader(s.bc, s.bc.Reader, func(n uint32) error { return s.Write(&message.Acknowledge{Value: n}) })
	if err := s.publish(u, key); err != nil {
		return nil, err
	}
	return s, nc.SetReadDeadline(time.Time{}) // a server has nothing to say while it takes
}

func (s *session) publish(u *url.URL, key string) error {
	app := strings.TrimPrefix(u.EscapedPath(), "/")
	connect := amf0.Object{{Key: "app", Value: app}, {Key: "type", Value: "nonprivate"}, {Key: "flashVer", Value: "FMLE/3.0 (compatible; Lindu)"}, {Key: "tcUrl", Value: u.String()}}
	for _, m := range []message.Message{
		&message.SetWindowAckSize{Value: window}, &message.SetPeerBandwidth{Value: window, Type: 2}, &message.SetChunkSize{Value: chunkSize},
		command("connect", 1, connect),
	} {
		if err := s.Write(m); err != nil {
			return err
		}
	}
	if _, err := s.answer(1); err != nil {
		return err
	}
	for _, m := range []message.Message{command("releaseStream", 2, nil, key), command("FCPublish", 3, nil, key), command("createStream", 4, nil)} {
		if err := s.Write(m); err != nil {
			return err
		}
	}
	if _, err := s.answer(4); err != nil {
		return err
	}
	m := command("publish", 5, nil, key, "live")
	m.ChunkStreamID, m.MessageStreamID = 4, streamID
	if err := s.Write(m); err != nil {
		return err
	}
	return s.started()
}

func command(name string, number int, args ...any) *message.CommandAMF0 {
	return &message.CommandAMF0{ChunkStreamID: 3, Name: name, CommandID: number, Arguments: args}
}

// answer waits for the result of a command. Servers that do not know
// releaseStream or FCPublish answer those with an error; that is passed over.
func (s *session) answer(number int) (*message.CommandAMF0, error) {
	for {
		cmd, err := s.command()
		if err != nil {
			return nil, err
		}
		switch {
		case cmd.Name == "_result" && cmd.CommandID == number:
			return cmd, nil
		case cmd.Name == "_error" && cmd.CommandID == number:
			_, said := status(cmd)
			return nil, &refusal{said}
		case cmd.Name == "onStatus" || cmd.Name == "close":
			if level, said := status(cmd); level == "error" || cmd.Name == "close" {
				return nil, &refusal{said}
			}
		}
	}
}

// started waits until the target says that it takes the stream.
func (s *session) started() error {
	for {
		cmd, err := s.command()
		if err != nil {
			return err
		}
		level, said := status(cmd)
		switch {
		case cmd.Name == "onStatus" && level == "status":
			return nil
		case cmd.Name == "onStatus", cmd.Name == "close", cmd.Name == "_error" && cmd.CommandID == 5:
			return &refusal{said}
		}
	}
}

func (s *session) command() (*message.CommandAMF0, error) {
	for {
		m, err := s.Read()
		if err != nil {
			return nil, err
		}
		if cmd, ok := m.(*message.CommandAMF0); ok {
			return cmd, nil
		}
	}
}

// status is the level and the words of an onStatus or an error.
func status(cmd *message.CommandAMF0) (level, said string) {
	for _, a := range cmd.Arguments {
		o, ok := a.(amf0.Object)
		if e, isArray := a.(amf0.ECMAArray); isArray {
			o, ok = amf0.Object(e), true
		}
		if !ok {
			continue
		}
		level, _ = o.GetString("level")
		if said, _ = o.GetString("description"); said == "" {
			said, _ = o.GetString("code")
		}
	}
	return level, said
}

// drain reads what the target sends until the connection ends: nobody may be
// able to block us by not being read. An error that it reports is its reason.
func (s *session) drain() (err error) {
	defer func() {
		if r := recover(); r != nil { // hostile bytes cost this connection only
			err = fmt.Errorf("push: panic: %v", r)
		}
	}()
	for {
		cmd, err := s.command()
		if err != nil {
			return err
		}
		if level, said := status(cmd); cmd.Name == "onStatus" && level == "error" || cmd.Name == "close" {
			return &refusal{said}
		}
	}
}

// farewell tells the target that this is the end and no broken network; whether
// it hears it does not matter.
func (s *session) farewell() { _ = s.Write(command("deleteStream", 6, nil, float64(1))) }

// Close ends the connection, and with it a read under way.
func (s *session) Close() { s.nc.Close() }

// Read implements gortmplib.Conn; pings are answered.
func (s *session) Read() (message.Message, error) {
	m, err := s.r.Read()
	if p, ok := m.(*message.UserControlPingRequest); ok && err == nil {
		err = s.Write(&message.UserControlPingResponse{ServerTime: p.ServerTime})
	}
	return m, err
}

// Write implements gortmplib.Conn.
func (s *session) Write(m message.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(m)
}

// BytesReceived implements gortmplib.Conn.
func (s *session) BytesReceived() uint64 { return s.bc.Reader.Count() }

// BytesSent implements gortmplib.Conn.
func (s *session) BytesSent() uint64 { return s.bc.Writer.Count() }
