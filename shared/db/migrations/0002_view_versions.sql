-- Which version of its view made a generation: code that means other tables builds them beside.
ALTER TABLE generations ADD COLUMN version int NOT NULL DEFAULT 1;
