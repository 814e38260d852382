-- Whoever loads a folder acts as the owner: a member of abate_owner may.
begin isolation level read committed;
set local client_min_messages = warning;
set local role abate_owner;
