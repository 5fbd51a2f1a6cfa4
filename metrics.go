package main

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parkregistry/models"
)

// metrics are what the program counts about itself.
type metrics struct {
	all      *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(db *models.DB) *metrics {
	m := &metrics{all: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "park_http_request_duration_seconds", Help: "Time to answer a request, by route as the table names it.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "park_build_info", Help: "The version that runs.",
		ConstLabels: prometheus.Labels{"version": version, "engine": string(db.Engine)}})
	info.Set(1)
	m.all.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests, info)
	for name, pool := range db.Pools() {
		m.all.MustRegister(collectors.NewDBStatsCollector(pool, name))
	}
	return m
}

// observe counts one finished request. A path that no route has is one label, and
// so is a method that nobody knows: callers cannot grow the series.
func (m *metrics) observe(method, route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.all, promhttp.HandlerOpts{})
}

// onLoopback serves GET /metrics to this machine alone and everything else to next.
// A request that a proxy passed on is not from this machine, whatever its address:
// the caller then hears what any unknown path answers.
func (m *metrics) onLoopback(next http.Handler) http.Handler {
	own := m.handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" && r.Method == http.MethodGet && direct(r) {
			own.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func direct(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
