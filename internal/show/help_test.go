package show_test

import (
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/show"
)
