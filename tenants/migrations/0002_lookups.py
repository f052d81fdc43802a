"""What the application role may ask before a tenant is set, and the audit log's trigger.

The functions run as their owner. Their search path is pinned, so that no one can put a table or operator of their own
in front of ours, and each takes an exact key and gives back ids, a name and a role at most.
"""

from django.conf import settings
from django.db import migrations

FUNCTIONS = {
    "mirror_tenant_by_api_key_prefix(wanted text)": """
        RETURNS uuid AS $$
            SELECT k.tenant_id FROM public.tenants_apikey k JOIN public.tenants_tenant t ON t.id = k.tenant_id
            WHERE k.prefix = wanted AND t.status = 'active'
        $$
    """,
    "mirror_agent_by_key(wanted text)": """
        RETURNS TABLE (tenant_id uuid, agent_id uuid) AS $$
            SELECT a.tenant_id, a.id FROM public.tenants_agent a JOIN public.tenants_tenant t ON t.id = a.tenant_id
            WHERE a.agent_key = wanted AND a.is_active AND t.status = 'active'
        $$
    """,
    "mirror_memberships_of(wanted uuid)": """
        RETURNS TABLE (membership_id uuid, tenant_id uuid, tenant_name text, role text) AS $$
            SELECT m.id, t.id, t.name::text, m.role::text
            FROM public.tenants_membership m JOIN public.tenants_tenant t ON t.id = m.tenant_id
            WHERE m.user_id = wanted AND t.status = 'active' ORDER BY t.name
        $$
    """,
    "mirror_tenant_ids_active()": """
        RETURNS SETOF uuid AS $$
            SELECT id FROM public.tenants_tenant WHERE status = 'active' ORDER BY created_at
        $$
    """,
    "mirror_tenant_by_name(wanted text)": """
        RETURNS uuid AS $$
            SELECT id FROM public.tenants_tenant WHERE name = wanted
        $$
    """,
}

AUDIT = """
    CREATE FUNCTION mirror_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenants_auditentry
        FOR EACH ROW EXECUTE FUNCTION mirror_audit_is_append_only();
"""


def functions_create(apps, schema_editor):
    for signature, body in FUNCTIONS.items():
        name = signature.replace("wanted ", "")
        schema_editor.execute(
            f"CREATE FUNCTION {signature} {body} "
            "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
        )
        schema_editor.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
        schema_editor.execute(f'GRANT EXECUTE ON FUNCTION {name} TO "{settings.MIRROR_APP_ROLE}"')


def functions_drop(apps, schema_editor):
    for signature in FUNCTIONS:
        schema_editor.execute(f"DROP FUNCTION {signature.replace('wanted ', '')}")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.RunPython(functions_create, functions_drop),
        migrations.RunSQL(
            AUDIT,
            "DROP TRIGGER append_only ON tenants_auditentry;"
            "DROP FUNCTION mirror_audit_is_append_only();",
        ),
    ]
