set local role abate_owner;
