-- The truth of one service: events, and what its consumers have done. Times are µs since 1970 (shared.clock).

CREATE TABLE events (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream      text   NOT NULL,
    version     bigint NOT NULL CHECK (version > 0),
    id          uuid   NOT NULL UNIQUE,
    type        text   NOT NULL,
    time        bigint NOT NULL,
    recorded    bigint NOT NULL,
    data        bytea  NOT NULL,
    correlation text   NOT NULL,
    causation   text   NOT NULL,
    UNIQUE (stream, version)
);

-- Where the relay of a store stands.
CREATE TABLE cursors (
    name     text   PRIMARY KEY,
    position bigint NOT NULL
);

-- Where each consumer stands in each partition; moved by compare-and-set on (next, epoch).
CREATE TABLE offsets (
    grp   text     NOT NULL,
    topic text     NOT NULL,
    part  smallint NOT NULL,
    next  bigint   NOT NULL,
    time  bigint   NOT NULL,
    epoch bigint   NOT NULL,
    slot  bigint   NOT NULL,
    beat  bigint   NOT NULL,
    PRIMARY KEY (grp, topic, part)
) WITH (fillfactor = 50);

-- State of keyed stages and rows of grid deciders.
CREATE TABLE states (
    grp  text     NOT NULL,
    key  text     NOT NULL,
    part smallint NOT NULL,
    due  bigint,
    data bytea    NOT NULL,
    PRIMARY KEY (grp, key)
) WITH (fillfactor = 50);
CREATE INDEX states_part ON states (grp, part);

-- The last version of each stream that a consumer has applied.
CREATE TABLE streams (
    grp     text   NOT NULL,
    stream  text   NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (grp, stream)
) WITH (fillfactor = 50);

-- Records that could not be applied, with the later ones of their stream.
CREATE TABLE parked (
    grp    text     NOT NULL,
    topic  text     NOT NULL,
    part   smallint NOT NULL,
    next   bigint   NOT NULL,
    stream text     NOT NULL,
    reason text     NOT NULL,
    time   bigint   NOT NULL,
    event  bytea    NOT NULL,
    PRIMARY KEY (grp, topic, part, next)
);
CREATE INDEX parked_stream ON parked (grp, stream);

-- Single messages without a stream (pings) that a stage refused.
CREATE TABLE quarantine (
    grp    text     NOT NULL,
    topic  text     NOT NULL,
    part   smallint NOT NULL,
    next   bigint   NOT NULL,
    key    text     NOT NULL,
    reason text     NOT NULL,
    time   bigint   NOT NULL,
    event  bytea    NOT NULL,
    PRIMARY KEY (grp, topic, part, next)
);
CREATE INDEX quarantine_key ON quarantine (key, time);

-- Generations of views: each in a schema of its own, one of them live.
CREATE TABLE generations (
    view       text        NOT NULL,
    generation int         NOT NULL,
    live       boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (view, generation)
);
CREATE UNIQUE INDEX generations_live ON generations (view) WHERE live;
