package order

// AnswersText is the statement that asks SQLite for keys' answers.
var AnswersText = answersText
