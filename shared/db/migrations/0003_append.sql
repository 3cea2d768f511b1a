-- Lock, check, and insert in one call: where it is a whole transaction, the lock is held for the server's own commit,
-- and nobody waits for a client under it. Null where a stream is behind its expected version: the unique key alone
-- would let a gap through. Each statement in it sees what was committed before the lock came.
CREATE FUNCTION append_events(
    heads text[], expected bigint[],
    streams text[], versions bigint[], ids uuid[], types text[], times bigint[], recordings bigint[], contents bytea[],
    correlations text[], causations text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || '.append', 0));
    -- One by one by the unique key: joined at once, the planner may read the whole table.
    FOR i IN 1 .. cardinality(heads) LOOP
        IF expected[i] > 0
            AND NOT EXISTS (SELECT FROM events e WHERE e.stream = heads[i] AND e.version = expected[i])
        THEN
            RETURN NULL;
        END IF;
    END LOOP;
    WITH inserted AS (
        INSERT INTO events (stream, version, id, type, time, recorded, data, correlation, causation)
        SELECT * FROM unnest(streams, versions, ids, types, times, recordings, contents, correlations, causations)
        RETURNING position
    )
    SELECT max(position) INTO last FROM inserted;
    RETURN last;
END $$;
