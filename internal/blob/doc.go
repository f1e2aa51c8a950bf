// Package blob keeps files: pictures now, recordings and papers later.
//
// A file is written whole or not at all and is read by its key, a relative
// path of plain letters ("picture/<id>/640.jpg"). The store knows nothing of
// what is inside, who may read it, or how long it is kept.
//
// # Rules
//
//   - Put shows readers the old file until the new one is safe on disk; a
//     failed Put changes nothing.
//   - A key can't leave the store: no "..", no absolute path, nothing hidden.
//     The folder store also works through os.Root, so that even a link planted
//     inside the folder leads nowhere else.
//   - Limits: a key of 200 characters and 8 levels, a file of 1 GiB
//     (NewDirMax: another bound), a listing of 100,000 keys. What is over them
//     is refused with words.
//
// # Implementations
//
// Dir keeps files in a folder of this machine. Further ones (S3) must pass
// blobtest, the suite that says in full what a store does.
package blob
