-- What was copied to incoming_episode and incoming_watch.
select opened, closed from abate.take_episodes();
