-- The publication ledger: what was served, byte for byte, from the first day on.

CREATE TABLE publications (
    seq          bigint      PRIMARY KEY,
    published_at timestamptz NOT NULL,
    situation_id text        NOT NULL,
    cause        text        NOT NULL,
    code         text        NOT NULL
);
CREATE INDEX publications_at ON publications (published_at, seq);

-- Rendered pieces by what they are, not by when: the same bytes are kept once.
CREATE TABLE pieces (
    digest bytea PRIMARY KEY,
    data   bytea NOT NULL
);

-- When a piece stood in a product: from the publication first up to, not including, the publication last.
CREATE TABLE served (
    kind   text   NOT NULL,
    id     text   NOT NULL,
    first  bigint NOT NULL REFERENCES publications (seq),
    last   bigint,
    digest bytea  NOT NULL REFERENCES pieces (digest),
    PRIMARY KEY (kind, id, first)
);
CREATE INDEX served_now ON served (kind, id) WHERE last IS NULL;

CREATE TABLE frames (
    seq     bigint NOT NULL REFERENCES publications (seq),
    product text   NOT NULL,
    opening bytea  NOT NULL,
    closing bytea  NOT NULL,
    PRIMARY KEY (seq, product)
);

-- The newest version of each measure, for life.
CREATE TABLE measures (
    id           text        PRIMARY KEY,
    situation_id text        NOT NULL,
    created      timestamptz NOT NULL,
    removed      boolean     NOT NULL,
    over         boolean     NOT NULL,
    feature      bytea       NOT NULL
);
CREATE INDEX measures_situation ON measures (situation_id);
CREATE INDEX measures_over ON measures (id) WHERE over;

CREATE TABLE changes (
    seq     bigint NOT NULL REFERENCES publications (seq),
    id      text   NOT NULL,
    version bigint NOT NULL,
    change  text   NOT NULL,
    data    bytea  NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE INDEX changes_seq ON changes (seq, id);
