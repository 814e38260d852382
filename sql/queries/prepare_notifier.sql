-- What a notifier's session needs: to hear of new alerts.
listen abate_alert;
