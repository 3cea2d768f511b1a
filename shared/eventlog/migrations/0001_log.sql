-- The embedded log. Partitions by key as Kafka has them; times are µs since 1970 and never fall within a partition.

CREATE TABLE heads (
    topic text     NOT NULL,
    part  smallint NOT NULL,
    next  bigint   NOT NULL DEFAULT 0,
    time  bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, part)
) WITH (fillfactor = 20);

CREATE TABLE topics (
    topic    text    PRIMARY KEY,
    retained boolean NOT NULL
);

CREATE TABLE fences (
    name  text   PRIMARY KEY,
    epoch bigint NOT NULL
);

CREATE TABLE records (
    topic       text     NOT NULL,
    part        smallint NOT NULL,
    "offset"    bigint   NOT NULL,
    time        bigint   NOT NULL,
    retained    boolean  NOT NULL,
    id          text     NOT NULL,
    type        text     NOT NULL,
    stream      text     NOT NULL,
    version     bigint   NOT NULL,
    event_time  bigint   NOT NULL,
    recorded    bigint   NOT NULL,
    data        bytea    NOT NULL,
    correlation text     NOT NULL,
    causation   text     NOT NULL
) PARTITION BY LIST (retained);

CREATE TABLE records_kept PARTITION OF records FOR VALUES IN (true);
CREATE UNIQUE INDEX ON records_kept (topic, part, "offset");
CREATE INDEX ON records_kept (topic, part, time, "offset");

-- Months of these are made ahead and dropped by age (shared.eventlog.postgres).
CREATE TABLE records_aging PARTITION OF records FOR VALUES IN (false) PARTITION BY RANGE (time);
CREATE INDEX ON records_aging (topic, part, "offset");
