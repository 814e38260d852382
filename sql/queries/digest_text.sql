-- $1 text -> its SHA-256, as abate.schema_migration keeps it.
select encode(sha256(convert_to($1::text, 'UTF8')), 'hex') as sha256;
