-- A maker of bicycles: the shape of a part of AdventureWorks (a sample database of Microsoft's, MIT
-- licence) on PostgreSQL, written anew. Schemas by department, domains, XML, keys across schemas.
CREATE SCHEMA person;
COMMENT ON SCHEMA person IS 'Names and addresses of people';
CREATE SCHEMA humanresources;
CREATE SCHEMA production;
CREATE SCHEMA sales;
CREATE DOMAIN "AccountNumber" varchar(15);
CREATE DOMAIN "Flag" boolean NOT NULL;
CREATE DOMAIN "NameStyle" boolean NOT NULL DEFAULT false;
CREATE DOMAIN "Name" varchar(50);
CREATE DOMAIN person."Phone" varchar(25);

CREATE TABLE person.businessentity (
  businessentityid serial CONSTRAINT "PK_BusinessEntity" PRIMARY KEY,
  rowguid uuid NOT NULL DEFAULT gen_random_uuid(),
  modifieddate timestamp NOT NULL DEFAULT now()
);
CREATE TABLE person.person (
  businessentityid integer CONSTRAINT "PK_Person" PRIMARY KEY
    CONSTRAINT "FK_Person_BusinessEntity" REFERENCES person.businessentity,
  persontype char(2) NOT NULL CONSTRAINT "CK_Person" CHECK (upper(persontype) IN ('SC', 'EM')),
  namestyle "NameStyle",
  title varchar(8),
  firstname "Name" NOT NULL,
  middlename "Name",
  lastname "Name" NOT NULL,
  additionalcontactinfo xml,
  demographics xml,
  rowguid uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE person.person IS 'Human beings involved with us: employees, contacts.';
COMMENT ON COLUMN person.person.namestyle IS '0 = western style (first name, last name)';
CREATE TABLE person.personphone (
  businessentityid integer NOT NULL REFERENCES person.person,
  phonenumber person."Phone" NOT NULL,
  kind integer NOT NULL,
  PRIMARY KEY (businessentityid, phonenumber, kind)
);
CREATE TABLE humanresources.employee (
  businessentityid integer PRIMARY KEY REFERENCES person.person,
  nationalidnumber varchar(15) NOT NULL UNIQUE,
  loginid varchar(256) NOT NULL,
  jobtitle varchar(50) NOT NULL,
  birthdate date NOT NULL,
  salariedflag "Flag" DEFAULT true,
  vacationhours smallint NOT NULL DEFAULT 0,
  organizationnode varchar DEFAULT '/',
  CHECK (birthdate >= '1930-01-01')
);
CREATE TABLE humanresources.department (
  departmentid serial PRIMARY KEY, name "Name" NOT NULL, groupname "Name" NOT NULL
);
CREATE TABLE humanresources.employeedepartmenthistory (
  businessentityid integer NOT NULL REFERENCES humanresources.employee,
  departmentid smallint NOT NULL REFERENCES humanresources.department,
  startdate date NOT NULL,
  enddate date,
  PRIMARY KEY (businessentityid, startdate, departmentid)
);
CREATE TABLE production.product (
  productid serial PRIMARY KEY,
  name "Name" NOT NULL,
  productnumber varchar(25) NOT NULL UNIQUE,
  makeflag "Flag" DEFAULT true,
  standardcost numeric NOT NULL,
  listprice numeric NOT NULL CHECK (listprice >= 0),
  weight decimal(8,2),
  sellstartdate timestamp NOT NULL
);
CREATE TABLE production.document (
  title varchar(50) NOT NULL,
  owner integer NOT NULL REFERENCES humanresources.employee,
  folderflag "Flag" DEFAULT false,
  document bytea,
  documentnode varchar DEFAULT '/' PRIMARY KEY
);
CREATE TABLE sales.customer (
  customerid serial PRIMARY KEY,
  personid integer REFERENCES person.person,
  accountnumber "AccountNumber" GENERATED ALWAYS AS ('AW') STORED
);
CREATE TABLE sales.salesorderheader (
  salesorderid serial PRIMARY KEY,
  orderdate timestamp NOT NULL DEFAULT now(),
  customerid integer NOT NULL REFERENCES sales.customer,
  subtotal numeric NOT NULL DEFAULT 0.00,
  taxamt numeric NOT NULL DEFAULT 0.00,
  totaldue numeric GENERATED ALWAYS AS (subtotal + taxamt) STORED
);
CREATE TABLE sales.salesorderdetail (
  salesorderid integer NOT NULL REFERENCES sales.salesorderheader ON DELETE CASCADE,
  salesorderdetailid serial,
  orderqty smallint NOT NULL,
  productid integer NOT NULL REFERENCES production.product,
  unitprice numeric NOT NULL,
  PRIMARY KEY (salesorderid, salesorderdetailid)
);
CREATE VIEW humanresources.vemployee AS
  SELECT e.businessentityid, p.title, p.firstname, p.lastname, e.jobtitle, pp.phonenumber
  FROM humanresources.employee e
  JOIN person.person p ON p.businessentityid = e.businessentityid
  LEFT JOIN person.personphone pp ON pp.businessentityid = p.businessentityid;
CREATE VIEW humanresources.vemployeedepartment AS
  SELECT v.businessentityid, v.firstname, d.name AS department, h.startdate
  FROM humanresources.vemployee v
  JOIN humanresources.employeedepartmenthistory h USING (businessentityid)
  JOIN humanresources.department d ON h.departmentid = d.departmentid
  WHERE h.enddate IS NULL;
CREATE VIEW sales.vpersondemographics AS
  SELECT businessentityid, (xpath('//TotalPurchaseYTD/text()', demographics))[1]::text::money AS total
  FROM person.person WHERE demographics IS NOT NULL;
CREATE MATERIALIZED VIEW production.vproductsales AS
  SELECT p.productid, p.name, sum(d.orderqty * d.unitprice) AS sold
  FROM production.product p JOIN sales.salesorderdetail d USING (productid)
  GROUP BY p.productid, p.name;
CREATE UNIQUE INDEX ix_vproductsales ON production.vproductsales (productid);
CREATE SCHEMA hr;
CREATE VIEW hr.e AS SELECT businessentityid AS id, * FROM humanresources.employee;
CREATE PROCEDURE humanresources.moveemployee(id integer, department smallint)
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE humanresources.employeedepartmenthistory SET enddate = CURRENT_DATE
  WHERE businessentityid = id AND enddate IS NULL;
  INSERT INTO humanresources.employeedepartmenthistory VALUES (id, department, CURRENT_DATE, NULL);
END $$;
COMMENT ON PROCEDURE humanresources.moveemployee IS 'Ends the stay in one department, begins another';
