package dbtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parkregistry/models"
)

// Postgres gives the address of a migrated database without rows that nobody else
// uses until the test ends. Databases are used again: to create and to drop one is
// to wait for the disk, several times what most tests take. They are named
// park_test_…, belong to the role park_test and may be dropped at any time.
func Postgres(t testing.TB) string {
	t.Helper()
	if os.Getenv("PGHOST") == "" {
		if os.Getenv("PARK_TEST_NO_SKIP") != "" {
			t.Fatal("PGHOST names no PostgreSQL")
		}
		t.Skip("no PostgreSQL at this desk")
	}
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.leave(context.Background(), n); err != nil {
			t.Error(err)
		}
	})
	if err := s.prepare(context.Background(), n); err != nil {
		t.Fatal(err)
	}
	return s.address(s.name(n))
}

// shelf is the server's databases of this schema. The connection holds the locks
// that say which of them are in use, so that they are free when the process is gone.
type shelf struct {
	mu     sync.Mutex
	admin  *pgx.Conn
	schema string // digest of the migrations
	held   map[int]bool
}

const owner = "park_test" // the role, and its password

var server = sync.OnceValues(func() (*shelf, error) {
	digest, err := models.SchemaDigest()
	if err != nil {
		return nil, err
	}
	conn, err := connect(context.Background(), "postgres")
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(context.Background(), "CREATE ROLE "+owner+" LOGIN PASSWORD '"+owner+"'")
	var refused *pgconn.PgError // another process was first
	if errors.As(err, &refused) && (refused.Code == "42710" || refused.Code == "23505") {
		err = nil
	}
	return &shelf{admin: conn, schema: digest[:12], held: map[int]bool{}}, err
})

// connect connects as the PG… variables say, with every right.
func connect(ctx context.Context, database string) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig("database=" + database)
	if err != nil {
		return nil, err
	}
	return pgx.ConnectConfig(ctx, c)
}

func (s *shelf) name(n int) string { return fmt.Sprintf("park_test_%s_%d", s.schema, n) }

func (s *shelf) key() int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.schema)) // a hash takes everything
	return int32(h.Sum32())          //nolint:gosec // any 32 bits do
}

func (s *shelf) address(database string) string {
	c := s.admin.Config()
	u := url.URL{Scheme: "postgres", User: url.UserPassword(owner, owner), Host: net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), Path: "/" + database, RawQuery: "sslmode=disable"}
	if strings.HasPrefix(c.Host, "/") { // a socket
		u.Host, u.RawQuery = "", url.Values{"host": {c.Host}, "port": {fmt.Sprint(c.Port)}, "sslmode": {"disable"}}.Encode()
	}
	return u.String()
}

// take locks the first database that is free.
func (s *shelf) take(ctx context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := 0; ; n++ {
		if s.held[n] {
			continue // a session gets its own lock again
		}
		free := false
		if err := s.admin.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", s.key(), n).Scan(&free); err != nil {
			return 0, err
		}
		if free {
			s.held[n] = true
			return n, nil
		}
	}
}

func (s *shelf) leave(ctx context.Context, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, n)
	_, err := s.admin.Exec(ctx, "SELECT pg_advisory_unlock($1, $2)", s.key(), n)
	return err
}

// prepare empties the database, or makes it anew when it is not there or is no
// longer as the migrations left it.
func (s *shelf) prepare(ctx context.Context, n int) error {
	clean, err := s.clean(ctx, n)
	if err != nil || clean {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS %s WITH (FORCE)", "CREATE DATABASE %s OWNER " + owner} {
		if err := s.run(ctx, fmt.Sprintf(statement, s.name(n))); err != nil {
			return err
		}
	}
	if err := migrate(ctx, s.address(s.name(n))); err != nil {
		return err
	}
	conn, err := connect(ctx, s.name(n))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	made, err := shapeOf(ctx, conn)
	if err != nil {
		return err
	}
	return s.run(ctx, fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", s.name(n), made))
}

func (s *shelf) run(ctx context.Context, statement string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.admin.Exec(ctx, statement)
	return err
}

// clean empties the database of a slot; false when it has to be made anew.
func (s *shelf) clean(ctx context.Context, n int) (bool, error) {
	conn, err := connect(ctx, s.name(n))
	if err != nil {
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "3D000" { // there is none of that name
			return false, nil
		}
		return false, err
	}
	defer func() { _ = conn.Close(ctx) }()
	var made *string
	if err := conn.QueryRow(ctx, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()").Scan(&made); err != nil || made == nil {
		return false, err // nobody came to the end of making it
	}
	if _, err := conn.Exec(ctx, withoutQueue); err != nil {
		return false, err
	}
	if now, err := shapeOf(ctx, conn); err != nil || *made != now {
		return false, err
	}
	_, err = conn.Exec(ctx, emptyTables)
	return err == nil, err
}

// shapeOf is a digest of everything that a test could have changed but rows: which
// tables, columns, constraints, indexes, triggers, functions and rights there are
// (the transaction that wrote a row of the catalogue tells whether it is the same
// one), and the migrations that were applied.
func shapeOf(ctx context.Context, conn *pgx.Conn) (string, error) {
	var digest string
	err := conn.QueryRow(ctx, shape).Scan(&digest)
	if err != nil {
		return "", fmt.Errorf("look at the test database: %w", err)
	}
	return digest, nil
}

const shape = `
WITH tables AS (
    SELECT oid, relname, relkind, relowner, relacl FROM pg_class
    WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
)
SELECT md5(string_agg(line, '' ORDER BY line)) FROM (
    SELECT ROW(nspname, nspacl)::text AS line FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%'
    UNION ALL SELECT ROW(tables.*)::text FROM tables
    UNION ALL SELECT ROW(attrelid, attnum, a.xmin)::text FROM pg_attribute a JOIN tables ON tables.oid = attrelid
    UNION ALL SELECT ROW(conrelid, c.oid, c.xmin)::text FROM pg_constraint c JOIN tables ON tables.oid = conrelid
    UNION ALL SELECT ROW(indexrelid, i.xmin)::text FROM pg_index i JOIN tables ON tables.oid = indrelid
    UNION ALL SELECT ROW(t.oid, t.xmin)::text FROM pg_trigger t JOIN tables ON tables.oid = tgrelid
    UNION ALL SELECT ROW(p.oid, p.xmin)::text FROM pg_proc p WHERE pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    UNION ALL SELECT ROW(version_id, is_applied)::text FROM goose_db_version
) AS lines`

// withoutQueue drops what the job library has made for itself.
const withoutQueue = `
DO $$
DECLARE
    own record;
BEGIN
    FOR own IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relname LIKE 'river\_%' LOOP
        EXECUTE format('DROP TABLE %s CASCADE', own.name);
    END LOOP;
    FOR own IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'river\_%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', own.name);
    END LOOP;
    FOR own IN SELECT oid::regtype AS name FROM pg_type WHERE typtype = 'e' AND typname LIKE 'river\_%' LOOP
        EXECUTE format('DROP TYPE %s CASCADE', own.name);
    END LOOP;
END
$$`

// emptyTables deletes every row but those that say which migrations were applied.
// Triggers and foreign keys are off meanwhile. What has grown is cut off instead:
// deleted rows would go on costing time.
const emptyTables = `
DO $$
DECLARE
    held record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR held IN
        SELECT oid::regclass AS name, pg_relation_size(oid) > 262144 AS grown FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'goose_db_version' AND pg_relation_size(oid) > 0
    LOOP
        IF held.grown THEN
            EXECUTE format('TRUNCATE %s CASCADE', held.name);
        ELSE
            EXECUTE format('DELETE FROM %s', held.name);
        END IF;
    END LOOP;
END
$$`
