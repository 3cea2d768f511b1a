-- One data key per person, wrapped by the master key; without it every box of the person is noise. Times are µs.

CREATE TABLE people_keys (
    person_id   text   PRIMARY KEY,
    wrapped_key bytea,
    created_at  bigint NOT NULL,
    erased_at   bigint,
    CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
);
