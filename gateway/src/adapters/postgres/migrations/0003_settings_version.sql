-- Counts the changes of a site's settings, so that the node whose desk is open notices those that another node, an
-- older version or a person wrote. Triggers, since none of these can be asked to count.
CREATE TABLE settings_version (
    site bigint PRIMARY KEY,
    version bigint NOT NULL
);

CREATE FUNCTION count_settings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint := (to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0])::bigint;
BEGIN
    INSERT INTO settings_version AS counted (site, version) VALUES (changed, 1)
        ON CONFLICT (site) DO UPDATE SET version = counted.version + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_settings AFTER INSERT OR UPDATE ON site
    FOR EACH ROW EXECUTE FUNCTION count_settings('id');
CREATE TRIGGER count_settings AFTER INSERT OR UPDATE OR DELETE ON team
    FOR EACH ROW EXECUTE FUNCTION count_settings('site');
-- What the desk itself writes of an agent is no setting.
CREATE TRIGGER count_settings
    AFTER INSERT OR DELETE OR UPDATE OF name, role, teams, skills, languages, capacity, enabled ON agent
    FOR EACH ROW EXECUTE FUNCTION count_settings('site');
