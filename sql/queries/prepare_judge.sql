-- Once a connection. Whoever judges and goes away in the middle shall not keep the others waiting.
set jit = off;
set client_connection_check_interval = '5s';
