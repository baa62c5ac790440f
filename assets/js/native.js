/* The controls of forms: text, choices, boxes to tick; `dash_app/components/native.py` has what each of them takes.
   Native elements only, so that keys, screen readers and phones treat them as they treat any other. */
(function () {
  "use strict";

  var element = window.React.createElement;

  // Whether an answer of the server changes it just now: a mark for those who wait until a page is at rest.
  function loading() {
    return window.dash_component_api.useDashContext().useLoading() || undefined;
  }

  // What an element takes of the properties of its control: the others are Dash's.
  function own({ children, setProps, persistence, persistence_type, persisted_props, ...attributes }) {
    return attributes;
  }

  function classes() {
    return Array.from(arguments).filter(Boolean).join(" ");
  }

  function number(text) {
    return String(text).trim() === "" ? NaN : Number(text);
  }

  function isSame(one, other) {
    return one === other || (Number.isNaN(one) && Number.isNaN(other));
  }

  // What is typed stays as it is until the server gives another value. `debounce`: true tells it once the field is left
  // or Enter pressed, a number after as many milliseconds without a key.
  function Input({ value, debounce, ...properties }) {
    var box = window.React.useRef(null);
    var timer = window.React.useRef(null);
    var isNumber = properties.type === "number";
    // A timer tells what has come of the control by then, not what it was when the timer was set.
    var latest = window.React.useRef(null);
    latest.current = { value: value, setProps: properties.setProps };

    function typed() {
      return box.current.checkValidity() ? number(box.current.value) : NaN;
    }

    window.React.useEffect(
      function () {
        var text = value === undefined || value === null ? "" : value;
        if (isNumber ? !isSame(number(value), typed()) : text !== box.current.value) box.current.value = text;
      },
      [value]
    );

    function tell() {
      if (!box.current) return;
      if (!isNumber) latest.current.setProps({ value: box.current.value });
      else if (!isSame(number(latest.current.value), typed())) latest.current.setProps({ value: typed() });
    }

    function changed() {
      if (debounce === true) return;
      window.clearTimeout(timer.current);
      if (debounce) timer.current = window.setTimeout(tell, debounce);
      else tell();
    }

    function left() {
      if (debounce === true) tell();
    }

    return element("input", {
      step: "any",
      ...own(properties),
      ref: box,
      className: classes(properties.className, "form-control"),
      onChange: changed,
      onBlur: left,
      onKeyUp: function (event) {
        if (event.key === "Enter") left();
      },
      "data-dash-is-loading": loading(),
    });
  }

  // What is typed is shown at once: a text that waited for the round through Dash would move the caret to its end.
  function Textarea({ value, ...properties }) {
    var [text, show] = window.React.useState(value || "");
    window.React.useEffect(
      function () {
        show(value || "");
      },
      [value]
    );
    return element("textarea", {
      ...own(properties),
      value: text,
      className: classes(properties.className, "form-control"),
      onChange: function (event) {
        show(event.target.value);
        properties.setProps({ value: event.target.value });
      },
      "data-dash-is-loading": loading(),
    });
  }

  function Select({ options, placeholder, value, ...properties }) {
    return element(
      "select",
      {
        ...own(properties),
        value: value || "",
        className: classes(properties.className, "form-select"),
        onChange: function (event) {
          properties.setProps({ value: event.target.value });
        },
        "data-dash-is-loading": loading(),
      },
      element("option", { value: "", disabled: true, hidden: true }, placeholder),
      (options || []).map(function (option) {
        return element("option", { key: option.value, value: option.value }, option.label);
      })
    );
  }

  // A box to tick, or a button of which one is chosen, with its words.
  function tick(attributes, label, look) {
    return [
      element("input", { ...attributes, key: "box", className: "form-check-input" }),
      element("label", { key: "label", className: classes("form-check-label", look), htmlFor: attributes.id }, label),
    ];
  }

  function single(look) {
    return function ({ id, value, label, className, setProps }) {
      var isChecked = Boolean(value);
      function change() {
        setProps({ value: !isChecked });
      }
      var attributes = { id: id, type: "checkbox", checked: isChecked, onChange: change };
      return element(
        "div",
        { className: classes("form-check", look, className), "data-dash-is-loading": loading() },
        tick(attributes, label, "form-label")
      );
    };
  }

  // `isChosen`: whether the value of the whole has an option. `next`: that value, from the one before and the option
  // that was chosen.
  function several(kind, isChosen, next) {
    return function ({ id, options, value, inline, className, setProps }) {
      function choice(option) {
        var attributes = {
          id: id + "-" + option.value,
          type: kind,
          // Of one name, so that arrow keys stay among them and a screen reader counts them.
          name: kind === "radio" ? id : undefined,
          value: option.value,
          checked: isChosen(value, option.value),
          onChange: function () {
            setProps({ value: next(value, option.value) });
          },
        };
        return element(
          "div",
          { key: option.value, className: classes("form-check", inline && "form-check-inline") },
          tick(attributes, option.label)
        );
      }
      return element(
        "div",
        { id: id, className: className, "data-dash-is-loading": loading() },
        (options || []).map(choice)
      );
    };
  }

  var Checklist = several(
    "checkbox",
    function (value, option) {
      return (value || []).includes(option);
    },
    function (value, option) {
      var before = value || [];
      return before.includes(option)
        ? before.filter(function (each) {
            return each !== option;
          })
        : before.concat([option]);
    }
  );
  var RadioItems = several(
    "radio",
    function (value, option) {
      return value === option;
    },
    function (_value, option) {
      return option;
    }
  );

  window.workbench_native = {
    Input: Input,
    Textarea: Textarea,
    Select: Select,
    Checkbox: single(""),
    Switch: single("form-switch"),
    Checklist: Checklist,
    RadioItems: RadioItems,
  };
  // What Dash keeps of a control with `persistence`, and where.
  Object.values(window.workbench_native).forEach(function (control) {
    control.dashPersistence = { persisted_props: ["value"], persistence_type: "local" };
  });
})();
