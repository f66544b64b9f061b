-- All that MariaDB lets a catalog say, and the names that it allows. Statements end in `;;`.
CREATE TABLE plain (
  c_tinyint TINYINT, c_tinyint_u TINYINT UNSIGNED, c_bool BOOLEAN, c_smallint SMALLINT,
  c_mediumint MEDIUMINT UNSIGNED, c_int INT, c_int_w INT(5) ZEROFILL, c_bigint BIGINT UNSIGNED,
  c_decimal DECIMAL, c_decimal_p DECIMAL(7), c_decimal_ps DECIMAL(38,10) UNSIGNED,
  c_float FLOAT, c_float_ps FLOAT(7,3), c_double DOUBLE UNSIGNED, c_bit BIT(9), c_bit1 BIT,
  c_char CHAR, c_char_n CHAR(12) CHARACTER SET latin1, c_varchar VARCHAR(255), c_binary BINARY(16),
  c_varbinary VARBINARY(99), c_tinytext TINYTEXT, c_text TEXT, c_mediumtext MEDIUMTEXT,
  c_longtext LONGTEXT, c_tinyblob TINYBLOB, c_blob BLOB, c_mediumblob MEDIUMBLOB, c_longblob LONGBLOB,
  c_date DATE, c_time TIME, c_time_p TIME(3), c_datetime DATETIME, c_datetime_p DATETIME(6),
  c_timestamp TIMESTAMP NULL, c_timestamp_p TIMESTAMP(3) NULL, c_year YEAR,
  c_enum ENUM('a', 'it''s', 'b,c', ''), c_set SET('x', 'y"z', 'ü'), c_json JSON,
  c_uuid UUID, c_inet4 INET4, c_inet6 INET6,
  c_geometry GEOMETRY, c_point POINT, c_polygon POLYGON, c_linestring LINESTRING
) COMMENT 'every type
in two lines';;
CREATE TABLE `values` (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  d_text VARCHAR(20) DEFAULT 'it''s', d_empty VARCHAR(20) DEFAULT '', d_null VARCHAR(20) DEFAULT NULL,
  d_number DECIMAL(5,2) NOT NULL DEFAULT -1.5, d_now DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3),
  d_touched TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  d_expression VARCHAR(40) DEFAULT (concat('a', uuid())), d_blob TEXT DEFAULT 'text',
  d_bit BIT(3) DEFAULT b'101', d_word VARCHAR(20) DEFAULT 'NULL',
  g_stored VARCHAR(30) AS (concat(lower(d_text), '!')) PERSISTENT COMMENT 'stored; ünïcode',
  g_virtual INT GENERATED ALWAYS AS (d_number * 2) VIRTUAL,
  hidden INT INVISIBLE DEFAULT 7,
  required VARCHAR(10) NOT NULL COMMENT 'it''s "quoted"',
  checked INT CHECK (checked > 0)
) COMMENT 'defaults, and what the server makes up: ''single'', "double", \\backslash';;
CREATE TABLE parent (
  a INT NOT NULL, b INT NOT NULL, c VARCHAR(20) NOT NULL, d VARCHAR(20), e INT,
  PRIMARY KEY (b, a), UNIQUE KEY `c is unique` (c), UNIQUE KEY parent_e_d (e, d), KEY (d), KEY prefix (c(3))
);;
CREATE TABLE child (
  id BIGINT NOT NULL PRIMARY KEY, parent_b INT, parent_a INT, parent_c VARCHAR(20), self BIGINT,
  CONSTRAINT child_parent FOREIGN KEY (parent_b, parent_a) REFERENCES parent (b, a),
  CONSTRAINT child_c FOREIGN KEY (parent_c) REFERENCES parent (c) ON DELETE SET NULL,
  CONSTRAINT child_self FOREIGN KEY (self) REFERENCES child (id)
);;
CREATE TABLE twin (id BIGINT NOT NULL PRIMARY KEY, CONSTRAINT twin_child FOREIGN KEY (id) REFERENCES child (id));;
CREATE TABLE by_range (at DATE NOT NULL, amount DECIMAL(9,2)) PARTITION BY RANGE (year(at)) (
  PARTITION p2023 VALUES LESS THAN (2024), PARTITION rest VALUES LESS THAN MAXVALUE);;
CREATE TABLE by_columns (at DATE NOT NULL, region VARCHAR(9) NOT NULL)
  PARTITION BY RANGE COLUMNS (at, region) (PARTITION p0 VALUES LESS THAN ('2024-01-01', 'm'));;
CREATE TABLE by_list (kind INT NOT NULL) PARTITION BY LIST (kind) (PARTITION p0 VALUES IN (1, 2));;
CREATE TABLE by_hash (id INT NOT NULL) PARTITION BY HASH (id) PARTITIONS 3;;
CREATE TABLE by_key (id INT NOT NULL PRIMARY KEY) PARTITION BY KEY () PARTITIONS 2;;
CREATE TABLE in_two (at DATE NOT NULL, id INT NOT NULL) PARTITION BY RANGE (to_days(at))
  SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN MAXVALUE);;
CREATE TABLE versioned (id INT, price INT) WITH SYSTEM VERSIONING;;
CREATE SEQUENCE numbers;;
CREATE TABLE `dot.table` (`dot.column` INT COMMENT 'a dot, too', `col umn` INT);;
CREATE TABLE `quo"ted` (`a"b` INT, `it's` INT, `back``tick` INT, `back\slash` INT);;
CREATE TABLE `$dollar$` (`$1` INT, `a$b` INT);;
CREATE TABLE `ünïcode` (`列` INT, `ß` INT);;
CREATE TABLE `UPPER` (`Id` INT, `OTHER` INT);;
CREATE TABLE `select` (`from` INT, `table` INT, `user` INT);;
CREATE TABLE n64_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  (c64_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx INT);;
CREATE TABLE `semi;colon` (`per%cent` INT, `::` INT, `a/b` INT, `new
line` INT);;
CREATE VIEW a_view AS SELECT c_int AS a, concat(c_text, 'x') AS b, now() AS c FROM plain;;
CREATE VIEW renamed (first, second) AS SELECT a, b FROM a_view WITH CASCADED CHECK OPTION;;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW `view of "odd"` AS
  SELECT q.`a"b`, d.`dot.column` AS `select` FROM `quo"ted` q JOIN `dot.table` d;;
CREATE PROCEDURE fill(INOUT n INT, t VARCHAR(9)) COMMENT 'fills'
BEGIN
  SET n = n + 1;
  INSERT INTO parent VALUES (n, n, t, NULL, NULL);
END;;
CREATE PROCEDURE `odd $ name`() DELETE FROM child;;
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC COMMENT 'doubles' RETURN n * 2;;
CREATE TRIGGER on_change BEFORE INSERT ON parent FOR EACH ROW SET NEW.d = 'x';;
CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM child;;
INSERT INTO parent VALUES (1, 2, 'c', 'd', 3);;
