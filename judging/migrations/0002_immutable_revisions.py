"""A revision, once written, stays what it is: PostgreSQL refuses to change it, to widen it, or to take it away.

Only the owner of the tables may delete, for the removal of a whole tenant. A rule fits only at a position below the
revision's ``rule_count``; those are filled when it is written, so none can be added later.
"""

from django.db import migrations

GUARD = """
    CREATE FUNCTION mirror_revision_is_immutable() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_user =
            (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'a policy revision is immutable' USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON judging_policyrevision
        FOR EACH ROW EXECUTE FUNCTION mirror_revision_is_immutable();
    CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON judging_policyrecord
        FOR EACH ROW EXECUTE FUNCTION mirror_revision_is_immutable();

    CREATE FUNCTION mirror_rule_belongs() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM public.judging_policyrevision r
            WHERE r.id = NEW.revision_id AND r.tenant_id = NEW.tenant_id AND NEW.position < r.rule_count
        ) THEN
            RAISE EXCEPTION 'a policy revision is immutable' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER belongs BEFORE INSERT ON judging_policyrecord
        FOR EACH ROW EXECUTE FUNCTION mirror_rule_belongs();
"""

UNGUARD = """
    DROP TRIGGER belongs ON judging_policyrecord;
    DROP FUNCTION mirror_rule_belongs();
    DROP TRIGGER immutable ON judging_policyrecord;
    DROP TRIGGER immutable ON judging_policyrevision;
    DROP FUNCTION mirror_revision_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("judging", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
