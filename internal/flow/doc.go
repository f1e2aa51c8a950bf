// Package flow holds the use cases that change several modules: one file a use
// case, one transaction each.
//
// A method checks and reads, opens one transaction that calls the modules'
// functions (which never commit), and after the commit tells the room what
// changed. What is told may be lost without harm: the page reloads the truth.
// What must happen later is found in the records by a sweep (package app says
// when each runs), kicked inside the transaction where it should be soon.
//
//	orders    PlaceOrder QuoteOrder CancelOrder ExpireOrders ReadOrder
//	money     StartPayment HandleCallback ApplyNotice QueryPayments ConfirmOffline RefundOrder SendRefunds
//	parcels   ShipOrder ReceiveOrder AdvanceOrders Recipient
//	shows     SaveShow MoveShow AddItem SetItem ReleaseMore PinItem NewKey SendReminders StockChanged
//	talk      Say Answer HideMessage UnhideMessage PinComment SetChat
//	          ReleaseMessage RefuseMessage MutePerson SilencePerson AnswerAppeal
//	settling  IssueStatements CheckStatement ApproveStatement MakePayouts ReleaseBatch ExportPayouts PayoutPaid PayoutBack HostPay AddCost ReadMonth
//	people    AskCode
//
// Rules: who acts is a parameter and is checked by the module that owns the
// rule; a repeated call changes nothing twice; nothing is published before its
// commit; money is booked by promise in the transaction that moves the order.
package flow
