// Package vault encrypts personal data field by field and hashes it for exact
// search.
//
// A sealed field is text: "v1.<key id>.<base64url(nonce ‖ AES-256-GCM
// ciphertext)>". The name of the column is bound in as additional data, so a
// value can't be moved to another column; secrets of the configuration are
// sealed the same way, under the name of their setting. The blind index of a
// field is HMAC-SHA-256 under a key of its own, per column, so equal phones in
// two columns do not match. Keys are derived from one master key by HKDF
// (RFC 5869); the master key lives outside the database. Old master keys can
// be kept to open what they sealed; the first one seals.
//
// What a screen shows by default is masked: Phone, Name and Text below.
package vault
