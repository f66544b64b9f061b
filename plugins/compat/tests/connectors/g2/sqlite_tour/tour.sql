create table bands (id integer primary key, name varchar(60) not null, mood colour);
create table gigs (band bigint, day date, hall text, primary key (band, day));
create view halls as select distinct hall from gigs;
create table log_2024 (line text);
create table gone (id int);
create view lost as select id from gone;
drop table gone;
create temp table scratch (id int);
