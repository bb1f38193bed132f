"""Renders chat templates as transformers does and prints what comes out, one JSON object a line.

chat_template_parity.py constructs    small templates, one construct each
chat_template_parity.py families      the templates of chat_templates/, over conversations
"""

import datetime
import json
import pathlib
import sys

import transformers.utils.chat_template_utils as utils

from chat_template_constructs import VARIABLES, constructs
from chat_template_conversations import conversations

MOMENT = 1_700_000_000


class Clock(datetime.datetime):
    @classmethod
    def now(cls, zone=None):
        return datetime.datetime.fromtimestamp(MOMENT)


utils.datetime = Clock


def rendered(template, render):
    """What a template gives: text, the message of raise_exception, or no more than that it fails."""
    try:
        return {"text": render(utils._compile_jinja_template(template))}
    except utils.jinja2.exceptions.TemplateError as error:
        is_refusal = type(error) is utils.jinja2.exceptions.TemplateError
        return {"refused": str(error.message)} if is_refusal else {"error": type(error).__name__}
    except Exception as error:
        return {"error": type(error).__name__}


def write(**record):
    print(json.dumps(record))


if sys.argv[1] == "constructs":
    for name, template in constructs():
        result = rendered(template, lambda compiled: compiled.render(**VARIABLES))
        write(name=name, template=template, variables=VARIABLES, moment=MOMENT, **result)
else:
    for path in sorted((pathlib.Path(__file__).parent / "chat_templates").glob("*.jinja")):
        template = path.read_text()
        for name, messages, tools, generation, variables in conversations():

            def render(_):
                texts, _ = utils.render_jinja_template(
                    [messages], tools=tools, chat_template=template, add_generation_prompt=generation,
                    **variables)
                return texts[0]

            write(
                name=f"{path.stem}, {name}", template=template, messages=messages, tools=tools,
                add_generation_prompt=generation, variables=variables, moment=MOMENT,
                **rendered(template, render))
