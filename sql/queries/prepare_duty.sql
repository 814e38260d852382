-- Once a connection. Who holds a duty and says nothing for so long has it no more: dead, hung, or cut off from the database.
set jit = off;
set idle_session_timeout = '5s';
set tcp_keepalives_idle = 2;
set tcp_keepalives_interval = 1;
set tcp_keepalives_count = 3;
