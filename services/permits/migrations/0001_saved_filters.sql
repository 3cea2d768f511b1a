-- Views of the works queue that somebody keeps under a name; `query` is the page's own address without its number.
CREATE TABLE saved_filters (
    account text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    PRIMARY KEY (account, name)
);
