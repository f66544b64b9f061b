-- A shop of music: the shape of Chinook (Luis Rocha, MIT licence), written anew.
-- Its names need quotes everywhere. For PostgreSQL, DuckDB, and MariaDB with ANSI_QUOTES.
CREATE TABLE "Artist" (
  "ArtistId" INTEGER NOT NULL,
  "Name" VARCHAR(120),
  CONSTRAINT "PK_Artist" PRIMARY KEY ("ArtistId")
);
CREATE TABLE "Album" (
  "AlbumId" INTEGER NOT NULL,
  "Title" VARCHAR(160) NOT NULL,
  "ArtistId" INTEGER NOT NULL,
  CONSTRAINT "PK_Album" PRIMARY KEY ("AlbumId"),
  CONSTRAINT "FK_AlbumArtistId" FOREIGN KEY ("ArtistId") REFERENCES "Artist" ("ArtistId")
);
CREATE TABLE "Employee" (
  "EmployeeId" INTEGER NOT NULL,
  "LastName" VARCHAR(20) NOT NULL,
  "FirstName" VARCHAR(20) NOT NULL,
  "ReportsTo" INTEGER,
  "BirthDate" DATE,
  "Email" VARCHAR(60),
  CONSTRAINT "PK_Employee" PRIMARY KEY ("EmployeeId"),
  CONSTRAINT "FK_EmployeeReportsTo" FOREIGN KEY ("ReportsTo") REFERENCES "Employee" ("EmployeeId")
);
CREATE TABLE "Customer" (
  "CustomerId" INTEGER NOT NULL,
  "FirstName" VARCHAR(40) NOT NULL,
  "LastName" VARCHAR(20) NOT NULL,
  "Country" VARCHAR(40) DEFAULT 'unknown',
  "Email" VARCHAR(60) NOT NULL,
  "SupportRepId" INTEGER,
  CONSTRAINT "PK_Customer" PRIMARY KEY ("CustomerId"),
  CONSTRAINT "UQ_CustomerEmail" UNIQUE ("Email"),
  CONSTRAINT "FK_CustomerSupportRepId" FOREIGN KEY ("SupportRepId") REFERENCES "Employee" ("EmployeeId")
);
CREATE TABLE "Genre" (
  "GenreId" INTEGER NOT NULL,
  "Name" VARCHAR(120),
  CONSTRAINT "PK_Genre" PRIMARY KEY ("GenreId")
);
CREATE TABLE "Track" (
  "TrackId" INTEGER NOT NULL,
  "Name" VARCHAR(200) NOT NULL,
  "AlbumId" INTEGER,
  "GenreId" INTEGER,
  "Milliseconds" INTEGER NOT NULL,
  "Bytes" BIGINT,
  "UnitPrice" NUMERIC(10,2) DEFAULT 0.99 NOT NULL,
  CONSTRAINT "PK_Track" PRIMARY KEY ("TrackId"),
  CONSTRAINT "FK_TrackAlbumId" FOREIGN KEY ("AlbumId") REFERENCES "Album" ("AlbumId"),
  CONSTRAINT "FK_TrackGenreId" FOREIGN KEY ("GenreId") REFERENCES "Genre" ("GenreId")
);
CREATE TABLE "Invoice" (
  "InvoiceId" INTEGER NOT NULL,
  "CustomerId" INTEGER NOT NULL,
  "InvoiceDate" DATE NOT NULL,
  "BillingCountry" VARCHAR(40),
  "Total" NUMERIC(10,2) NOT NULL,
  CONSTRAINT "PK_Invoice" PRIMARY KEY ("InvoiceId"),
  CONSTRAINT "FK_InvoiceCustomerId" FOREIGN KEY ("CustomerId") REFERENCES "Customer" ("CustomerId")
);
CREATE TABLE "InvoiceLine" (
  "InvoiceLineId" INTEGER NOT NULL,
  "InvoiceId" INTEGER NOT NULL,
  "TrackId" INTEGER NOT NULL,
  "UnitPrice" NUMERIC(10,2) NOT NULL,
  "Quantity" INTEGER NOT NULL,
  CONSTRAINT "PK_InvoiceLine" PRIMARY KEY ("InvoiceLineId"),
  CONSTRAINT "FK_InvoiceLineInvoiceId" FOREIGN KEY ("InvoiceId") REFERENCES "Invoice" ("InvoiceId"),
  CONSTRAINT "FK_InvoiceLineTrackId" FOREIGN KEY ("TrackId") REFERENCES "Track" ("TrackId")
);
CREATE TABLE "Playlist" (
  "PlaylistId" INTEGER NOT NULL,
  "Name" VARCHAR(120),
  CONSTRAINT "PK_Playlist" PRIMARY KEY ("PlaylistId")
);
CREATE TABLE "PlaylistTrack" (
  "PlaylistId" INTEGER NOT NULL,
  "TrackId" INTEGER NOT NULL,
  CONSTRAINT "PK_PlaylistTrack" PRIMARY KEY ("PlaylistId", "TrackId"),
  CONSTRAINT "FK_PlaylistTrackPlaylistId" FOREIGN KEY ("PlaylistId") REFERENCES "Playlist" ("PlaylistId"),
  CONSTRAINT "FK_PlaylistTrackTrackId" FOREIGN KEY ("TrackId") REFERENCES "Track" ("TrackId")
);
CREATE INDEX "IFK_TrackAlbumId" ON "Track" ("AlbumId");
CREATE VIEW "SalesByArtist" AS
  SELECT ar."Name" AS "Artist", sum(l."UnitPrice" * l."Quantity") AS "Sales"
  FROM "InvoiceLine" l
  JOIN "Track" t ON t."TrackId" = l."TrackId"
  JOIN "Album" al ON al."AlbumId" = t."AlbumId"
  JOIN "Artist" ar ON ar."ArtistId" = al."ArtistId"
  GROUP BY ar."Name";
CREATE VIEW "BestCustomers" AS
  SELECT c."CustomerId", c."LastName", sum(i."Total") AS "Spent"
  FROM "Customer" c LEFT JOIN "Invoice" i ON i."CustomerId" = c."CustomerId"
  GROUP BY c."CustomerId", c."LastName";
INSERT INTO "Artist" VALUES (1, 'The Streams'), (2, 'Joined Tables');
INSERT INTO "Album" VALUES (1, 'Server Side', 1), (2, 'Cursor', 2);
