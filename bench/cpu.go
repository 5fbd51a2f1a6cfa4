package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"parkregistry/models"
)

// meter reads the CPU time that a server and the database's processes working for
// it have used, from the operating system.
type meter struct {
	admin    *sql.DB // nil on SQLite, whose work is done inside the server
	backends bool    // the database runs on this machine, so its processes can be read
}

// newMeter finds out whether the database's processes can be read.
func newMeter(ctx context.Context, db *models.DB) (meter, error) {
	if runtime.GOOS != "linux" {
		return meter{}, errors.New("CPU time is read from /proc, which only Linux has")
	}
	if db.Engine == models.SQLite {
		return meter{}, nil
	}
	m := meter{admin: db.SQL()}
	var pid int
	if err := m.admin.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return m, err
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	m.backends = err == nil && strings.HasPrefix(string(name), "postgres")
	return m, nil
}

// used is CPU time by process.
type used map[int]time.Duration

// read sums nothing yet: a backend that starts between two readings counts from zero.
func (m meter) read(ctx context.Context, s *server) (used, error) {
	u := used{}
	var err error
	if u[s.cmd.Process.Pid], err = processCPU(s.cmd.Process.Pid); err != nil {
		return nil, err
	}
	return u, m.readBackends(ctx, s.name, u)
}

// readBackends adds the database's processes that work for whoever goes by a name.
func (m meter) readBackends(ctx context.Context, name string, u used) error {
	if !m.backends {
		return nil
	}
	rs, err := m.admin.QueryContext(ctx, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", name)
	if err != nil {
		return err
	}
	defer func() { _ = rs.Close() }()
	for rs.Next() {
		var pid int
		if err := rs.Scan(&pid); err != nil {
			return err
		}
		if u[pid], err = processCPU(pid); err != nil {
			return err
		}
	}
	return rs.Err()
}

// since is what was used after before was read.
func (u used) since(before used) time.Duration {
	var sum time.Duration
	for pid, t := range u {
		sum += t - before[pid]
	}
	return sum
}

// processCPU adds up the run time of a process's threads, in nanoseconds as the
// scheduler counts them; where it does not, user and system time in ticks of 10 ms.
func processCPU(pid int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err == nil && len(threads) > 0 {
		var sum time.Duration
		for _, t := range threads {
			raw, err := os.ReadFile(t)
			if err != nil {
				continue // the thread ended meanwhile
			}
			field, _, _ := strings.Cut(string(raw), " ")
			ns, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, err
			}
			sum += time.Duration(ns)
		}
		if sum > 0 {
			return sum, nil
		}
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat is too short", pid)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// profile writes a CPU profile of the child until stop is called; an empty dir is none.
func profile(dir, name string) (stop func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Join(dir, name+".pprof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}
