set local role abate_owner;
insert into abate.message_template (template_code, language, medium, kind, subject, body) values ('own', 'zh', 'mail', 'alert', '{kind}', '{reason}');
insert into abate.alert_word values ('phrase', 'own', 'value', '自定', 'of our own');
