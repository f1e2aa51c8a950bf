package ledger

// KeepDaysBefore is KeepDays up to an id, so that a test need not wait until
// its transactions are old enough.
var KeepDaysBefore = keepDays
