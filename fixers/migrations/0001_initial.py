import django.db.models.deletion
import tenants.scope
import uuid
from django.conf import settings
from django.db import migrations, models

from tenants.rls import EnableRowLevelSecurity


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('reports', '0001_initial'),
        ('tenants', '0002_lookups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Repository',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('host', models.CharField(choices=[('git', 'Git'), ('github', 'Github'), ('gitlab', 'Gitlab')], default='git', max_length=16)),
                ('location', models.CharField(max_length=500)),
                ('base_branch', models.CharField(default='main', max_length=200)),
                ('path', models.CharField(max_length=300)),
                ('embedding', models.CharField(default='whole', max_length=200)),
                ('is_auto_open', models.BooleanField(default=False)),
                ('auto_open_confidence', models.FloatField(default=0.8)),
                ('auto_open_occurrences', models.PositiveIntegerField(default=2)),
                ('max_open', models.PositiveIntegerField(default=5)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.agent')),
                ('credential', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.credential')),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Fix',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('round', models.PositiveIntegerField(default=1)),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('approved', 'Approved'), ('opening', 'Opening'), ('open', 'Open'), ('merged', 'Merged'), ('closed', 'Closed'), ('dismissed', 'Dismissed'), ('failed', 'Failed')], default='proposed', max_length=16)),
                ('branch', models.CharField(max_length=200)),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('base_commit', models.CharField(max_length=64)),
                ('base_sha256', models.CharField(max_length=64)),
                ('path', models.CharField(max_length=300)),
                ('new_text', models.TextField()),
                ('diff', models.TextField()),
                ('rule_text', models.TextField()),
                ('source', models.CharField(default='rules', max_length=16)),
                ('confidence', models.FloatField(default=0.0)),
                ('failure', models.TextField(blank=True)),
                ('url', models.CharField(blank=True, max_length=500)),
                ('commit', models.CharField(blank=True, max_length=64)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('problem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fixes', to='reports.problem')),
                ('tenant', models.ForeignKey(default=tenants.scope.tenant_id_current, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
                ('repository', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fixers.repository')),
            ],
            options={
                'ordering': ['-created_at'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='repository',
            constraint=models.UniqueConstraint(fields=('agent',), name='repository_per_agent'),
        ),
        migrations.AddConstraint(
            model_name='fix',
            constraint=models.UniqueConstraint(fields=('problem', 'round'), name='fix_once'),
        ),
        EnableRowLevelSecurity("Repository"),
        EnableRowLevelSecurity("Fix"),
    ]
