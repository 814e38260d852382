-- The channels that deliveries are made for: a daemon's configuration has to know each that is on.
select channel_name, medium, is_on, fallback from abate.channel order by channel_name;
