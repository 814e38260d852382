-- Once a connection.
set jit = off;
select abate.prepare_session();
listen abate_registry;
