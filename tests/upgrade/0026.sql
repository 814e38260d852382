set local role abate_owner;
update abate.delivery set waits_for = '{1}' where delivery_id = 2;
