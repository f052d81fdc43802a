from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0002_lookups"),
    ]

    operations = [
        migrations.AlterField(
            model_name="credential",
            name="kind",
            field=models.CharField(
                choices=[
                    ("llm", "Llm"),
                    ("tier1", "Tier1"),
                    ("voice", "Voice"),
                    ("plivo", "Plivo"),
                    ("openai", "Openai"),
                    ("repository", "Repository"),
                ],
                max_length=16,
            ),
        ),
    ]
