import django.db.models.deletion
import tenants.scope
import uuid
from django.db import migrations, models

from tenants.rls import EnableRowLevelSecurity


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('calls', '0001_initial'),
        ('tenants', '0002_lookups'),
    ]

    operations = [
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('fingerprint', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=200)),
                ('pattern', models.CharField(max_length=100)),
                ('severity', models.CharField(max_length=16)),
                ('check_name', models.CharField(blank=True, max_length=64)),
                ('policy_key', models.CharField(blank=True, max_length=64)),
                ('policy_text', models.TextField(blank=True)),
                ('status', models.CharField(choices=[('open', 'Open'), ('regressed', 'Regressed'), ('fixed', 'Fixed'), ('ignored', 'Ignored')], default='open', max_length=16)),
                ('report_count', models.PositiveIntegerField(default=0)),
                ('first_seen_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.agent')),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-last_seen_at'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('analysis_version', models.PositiveIntegerField(default=1)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('applied', 'Applied'), ('dismissed', 'Dismissed'), ('failed', 'Failed')], default='pending', max_length=16)),
                ('pattern', models.CharField(max_length=100)),
                ('severity', models.CharField(max_length=16)),
                ('summary', models.TextField()),
                ('root_cause', models.TextField()),
                ('evidence', models.JSONField(default=list)),
                ('proposed_fix', models.TextField()),
                ('proposed_file', models.CharField(blank=True, max_length=300)),
                ('suggested_diff', models.TextField(blank=True)),
                ('confidence', models.FloatField(default=0.0)),
                ('source', models.CharField(choices=[('rules', 'Rules'), ('model', 'Model')], default='rules', max_length=16)),
                ('cost_usd', models.DecimalField(decimal_places=6, default=0, max_digits=12)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.agent')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='calls.call')),
                ('problem', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to='reports.problem')),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-created_at'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='OutboxEvent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('type', models.CharField(max_length=64)),
                ('dedupe_key', models.CharField(max_length=200)),
                ('data', models.JSONField()),
                ('dispatched_at', models.DateTimeField(null=True)),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['created_at'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'dedupe_key'), name='outbox_event_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='problem',
            constraint=models.UniqueConstraint(fields=('agent', 'fingerprint'), name='problem_once'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('call', 'analysis_version'), name='report_once'),
        ),
        EnableRowLevelSecurity("Problem"),
        EnableRowLevelSecurity("Report"),
        EnableRowLevelSecurity("OutboxEvent"),
    ]
