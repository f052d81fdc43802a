import django.db.models.deletion
import tenants.scope
import uuid
from django.conf import settings
from django.db import migrations, models

from tenants.rls import EnableRowLevelSecurity


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0002_lookups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='JudgeUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('review_id', models.UUIDField(unique=True)),
                ('provider', models.CharField(max_length=32)),
                ('model', models.CharField(max_length=200)),
                ('outcome', models.CharField(choices=[('in_time', 'In Time'), ('late', 'Late'), ('failed', 'Failed')], max_length=16)),
                ('failure', models.CharField(blank=True, max_length=64)),
                ('prompt_tokens', models.PositiveIntegerField(default=0)),
                ('completion_tokens', models.PositiveIntegerField(default=0)),
                ('cost_usd', models.DecimalField(decimal_places=6, default=0, max_digits=12)),
                ('latency_ms', models.PositiveIntegerField(default=0)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.agent')),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PolicyRevision',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('number', models.PositiveIntegerField()),
                ('note', models.CharField(blank=True, max_length=300)),
                ('author', models.CharField(blank=True, max_length=200)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.agent')),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-number'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PolicyRecord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('position', models.PositiveIntegerField()),
                ('key', models.CharField(max_length=64)),
                ('text', models.TextField()),
                ('severity', models.CharField(choices=[('critical', 'critical'), ('high', 'high'), ('medium', 'medium'), ('low', 'low')], default='high', max_length=16)),
                ('scope', models.CharField(choices=[('speech', 'speech'), ('tools', 'tools'), ('both', 'both')], default='both', max_length=16)),
                ('mode', models.CharField(choices=[('shadow', 'shadow'), ('ramp', 'ramp'), ('enforce', 'enforce')], default='enforce', max_length=16)),
                ('ramp_share', models.FloatField(default=1.0)),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='judging.policyrevision')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PolicyActivation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('activated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.agent')),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='judging.policyrevision')),
            ],
            options={
                'ordering': ['-created_at'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='policyrevision',
            constraint=models.UniqueConstraint(fields=('agent', 'number'), name='policy_revision_once'),
        ),
        migrations.AddConstraint(
            model_name='policyrecord',
            constraint=models.UniqueConstraint(fields=('revision', 'position'), name='policy_position_once'),
        ),
        migrations.AddIndex(
            model_name='policyactivation',
            index=models.Index(fields=['agent', '-created_at'], name='judging_pol_agent_i_406f11_idx'),
        ),
        EnableRowLevelSecurity("JudgeUse"),
        EnableRowLevelSecurity("PolicyRevision"),
        EnableRowLevelSecurity("PolicyRecord"),
        EnableRowLevelSecurity("PolicyActivation"),
    ]
