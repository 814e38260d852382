-- What a daemon tells the outbox further: the room of each channel, and what a gateway asks for. The functions are made anew
-- with the arguments they have now.

set local role abate_owner;

drop function if exists abate.claim_deliveries(timestamptz, text[], int);
drop function if exists abate.record_try(bigint, boolean, boolean, text, timestamptz);
