-- Where the log of this installation lies. Places in it are kept here, so that another log must never be read with them.
CREATE TABLE home (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    name text    NOT NULL
);
