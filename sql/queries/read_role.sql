-- Who we are here, and whether that may do the daemon's work. Asked before anything of the schema is.
select current_user as role,
       exists (select from pg_catalog.pg_roles
                where rolname = 'abate_writer' and pg_has_role(oid, 'usage')) as is_writer;
