package models

import (
	"context"
	"fmt"
)

// takeLogGrants revokes what nobody may do to a log table. A log table is one whose
// triggers run frozen(), so that the migration that makes a table says it once; where
// the triggers stop UPDATE or DELETE, the right is taken as well. Only the owner's own
// tables are looked at: a program that serves with a role that owns nothing changes
// nothing here, and neither does one that owns everything, since an owner's rights are
// not grants. The lock is for two starters: the second would find the catalogue row of
// the first half written ("tuple concurrently updated").
const takeLogGrants = `
DO $$
DECLARE
    held record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('park log grants'));
    FOR held IN
        WITH logs AS (
            SELECT t.tgrelid, bool_or(t.tgtype & 8 <> 0) AS no_delete, bool_or(t.tgtype & 16 <> 0) AS no_update
            FROM pg_trigger t
            JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE p.proname = 'frozen' AND p.pronamespace = current_schema()::regnamespace
            GROUP BY t.tgrelid
        )
        SELECT c.oid::regclass AS name, a.privilege_type AS privilege,
               CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
        FROM logs
        JOIN pg_class c ON c.oid = logs.tgrelid AND c.relowner = current_user::regrole
        CROSS JOIN LATERAL aclexplode(c.relacl) a
        WHERE a.grantee <> c.relowner
          AND (a.privilege_type = 'TRUNCATE'
               OR a.privilege_type = 'DELETE' AND no_delete
               OR a.privilege_type = 'UPDATE' AND no_update)
    LOOP
        EXECUTE format('REVOKE %s ON %s FROM %s', held.privilege, held.name, held.grantee);
    END LOOP;
END
$$`

// protectLogs is the second fence behind the triggers (S-LG5): the role that serves
// has no UPDATE or DELETE on a log table where another role owns it.
func (db *DB) protectLogs(ctx context.Context) error {
	if db.Engine != Postgres {
		return nil
	}
	if _, err := db.writeSQL.ExecContext(ctx, takeLogGrants); err != nil {
		return fmt.Errorf("take the rights on the log tables: %w", err)
	}
	return nil
}
