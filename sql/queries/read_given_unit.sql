select line, sent, unit, density from abate.given_unit();
