#!/bin/sh
# Makes the two roles of the program; the PostgreSQL image runs it once, on an empty
# data folder, as the superuser over the local socket.
#
#   park_owner  owns the database and its tables; only migrations, backup and restore connect as it
#   park        what the program serves with: rows, but no tables, no roles, no triggers
#
# The same script prepares a server that is not in a container:
#   PARK_DB_PASSWORD=… PARK_DB_OWNER_PASSWORD=… POSTGRES_USER=postgres POSTGRES_DB=park sh 10-roles.sh
# where the database exists already (createdb --locale=C.UTF-8 --template=template0 park).
set -eu

: "${PARK_DB_PASSWORD:?the password of the role park}"
: "${PARK_DB_OWNER_PASSWORD:?the password of the role park_owner}"

# The passwords travel through the environment: an argument could be read in the process list.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
  --username="${POSTGRES_USER:-postgres}" --dbname="${POSTGRES_DB:-park}" <<'SQL'
\getenv runtime_password PARK_DB_PASSWORD
\getenv owner_password PARK_DB_OWNER_PASSWORD
SELECT current_database() AS db \gset

BEGIN;
-- CREATEDB is for the drill of a restore, which puts a backup into a database of its own.
CREATE ROLE park_owner LOGIN PASSWORD :'owner_password' NOSUPERUSER CREATEDB NOCREATEROLE;
CREATE ROLE park       LOGIN PASSWORD :'runtime_password' NOSUPERUSER NOCREATEDB NOCREATEROLE;

-- The owner of the database owns schema public with it (pg_database_owner).
ALTER DATABASE :"db" OWNER TO park_owner;
REVOKE ALL ON DATABASE :"db" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"db" TO park;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO park;

-- Whatever a migration makes later: rows for the program, the definition for the owner.
-- Migrations take UPDATE and DELETE on the log tables away again.
ALTER DEFAULT PRIVILEGES FOR ROLE park_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO park;
ALTER DEFAULT PRIVILEGES FOR ROLE park_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO park;
COMMIT;
SQL

# In the image the superuser is reached over the socket alone; a server outside keeps its own ways.
if [ -n "${POSTGRES_PASSWORD:-}" ]; then
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname="${POSTGRES_DB:-park}" \
    --command="ALTER ROLE CURRENT_USER PASSWORD NULL"
fi
