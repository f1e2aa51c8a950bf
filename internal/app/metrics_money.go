package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/recon"
)

// moneyWaits tells /metrics what waits for somebody of finance or service.
type moneyWaits struct{ db *db.DB }

var (
	reconOpen      = prometheus.NewDesc("lindu_reconciliation_open", "Differences between providers' bills and us that nobody has settled.", nil, nil)
	quarantineOpen = prometheus.NewDesc("lindu_quarantine_open", "Payments in quarantine that nobody has settled; 500 is the most that is counted.", nil, nil)
	casesOpen      = prometheus.NewDesc("lindu_after_sale_open", "After-sale cases that wait, by state.", []string{"state"}, nil)
)

// Describe implements prometheus.Collector.
func (m moneyWaits) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{reconOpen, quarantineOpen, casesOpen} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. A database that does not answer
// gives no figures.
func (m moneyWaits) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	if n, err := recon.CountOpen(ctx, m.db); err == nil {
		gauge(reconOpen, n)
	}
	if q, err := payment.Quarantine(ctx, m.db); err == nil {
		gauge(quarantineOpen, int64(len(q)))
	}
	cases, err := aftersale.CountOpen(ctx, m.db)
	if err != nil {
		return
	}
	for _, s := range aftersale.OpenStates {
		gauge(casesOpen, cases[s], string(s))
	}
}
