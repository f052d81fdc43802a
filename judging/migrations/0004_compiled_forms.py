"""A rule keeps the form it is judged by. What was written before has none, and is judged as the rules read it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("judging", "0003_late_answers")]

    operations = [
        migrations.AddField("policyrecord", "compiled", models.JSONField(null=True)),
        migrations.AddField(
            "policyrecord", "compiled_by", models.CharField(blank=True, default="", db_default="", max_length=200)
        ),
        migrations.AddField("policyrecord", "compiled_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "policyrecord",
            models.CheckConstraint(
                condition=models.Q(compiled__isnull=True) | models.Q(compiled_at__isnull=False),
                name="policy_compiled_at_known",
            ),
        ),
        migrations.AddConstraint(
            "policyrecord",
            models.CheckConstraint(
                condition=~models.Q(compiled__made_by="tenant") | ~models.Q(compiled_by=""),
                name="policy_compiled_by_known",
            ),
        ),
    ]
