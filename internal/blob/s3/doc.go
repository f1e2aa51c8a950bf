// Package s3 keeps files in a bucket of anything that speaks S3: Aliyun OSS,
// Tencent COS, MinIO, Garage. It is a blob.Store and passes blobtest.
//
// # Rules
//
//   - A key of the store is an object PREFIX/key; the bucket must exist and may
//     hold other things beside the prefix.
//   - What is put is first counted: whoever gives a reader that can't seek has it
//     written to a temporary file, so that a reader that fails changes nothing
//     and no upload is of unknown length.
//   - A file is whole or not there: S3 shows an object after its upload is
//     complete.
//   - The secret is in no error, log line or configuration dump.
package s3
