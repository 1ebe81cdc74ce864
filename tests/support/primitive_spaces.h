// Small spaces with every primitive of the space language, as text: for tests that walk all of them.
#pragma once

namespace archscope::test {

/// Variables, domains, choices, selections, an order, a repeat, a definition, optional nodes and edges, and all constraints.
inline constexpr const char* allPrimitives = R"({"format":"archscope.space","version":2,"name":"primitives","graph":{
  "variables":[{"name":"w","value":{"int":[2,8],"log":true}}],
  "nodes":[{"name":"in","input":{}},{"name":"flat","op":"flatten"},
    {"name":"a","op":"linear","optional":true,"parameters":{"features":{"expr":"2*w"}}},
    {"name":"k","choice":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}},{"name":"id","op":"identity"}],"pick":[1,2]},
    {"name":"e","on_edge":true,"choice":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"zero","op":"zero"}]},
    {"name":"s","select":{"pick":[1,2]}},
    {"name":"o","order":[{"name":"p","op":"activation","parameters":{"kind":"relu"}},{"name":"q","op":"dropout","parameters":{"rate":{"values":[0.1,0.2],"weights":[1,3]}}}]},
    {"name":"r","repeat":{"count":{"int":[0,3]},"graph":{"nodes":[{"name":"x","input":{}},{"name":"u","use":"cell","arguments":{"f":{"expr":"w+round"}}},{"name":"y","output":{}}],"edges":[["x","u"],["u","y"]]}}},
    {"name":"head","op":"linear","parameters":{"features":{"expr":"classes"}}},{"name":"out","output":{}}],
  "edges":[["in","flat"],["flat","a"],["a","k"],["a","e"],["k","s"],["e","s",1],["s","o"],["o","r"],["r","head"],["head","out"]]},
  "definitions":[{"name":"cell","graph":{"variables":[{"name":"f","value":4}],"nodes":[{"name":"x","input":{}},{"name":"d","op":"linear","parameters":{"features":{"expr":"f"}}},
    {"name":"sum","op":"add"},{"name":"t","op":"activation","parameters":{"kind":"tanh"}},{"name":"y","output":{}}],"edges":[["x","d"],["d","sum"],["d","t"],["t","sum",1,"optional"],["sum","y"]]}}],
  "constraints":[{"forbid":{"k":["relu,tanh"],"e":["zero"]}},{"count":"*#present","value":true,"min":1},{"budget":"parameters","max":100000},{"shape":"o/p","dimension":0,"min":2}]})";

/// A recurrent cell.
inline constexpr const char* recurrentCell = R"({"format":"archscope.space","version":2,"name":"recurrent","graph":{"nodes":[{"name":"in","input":{}},
  {"name":"rnn","recurrent":{"hidden":{"values":[4,6]},"last":true,"graph":{"nodes":[{"name":"x","input":{}},{"name":"h","input":{}},
    {"name":"wx","op":"linear","parameters":{"features":4}},{"name":"sum","op":"add"},{"name":"act","choice":[{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}},{"name":"relu","op":"activation","parameters":{"kind":"relu"}}]},{"name":"y","output":{}}],
    "edges":[["x","wx"],["wx","sum"],["h","sum",1],["sum","act"],["act","y"]]}}},
  {"name":"head","op":"linear","parameters":{"features":{"expr":"classes"}}},{"name":"out","output":{}}],"edges":[["in","rnn"],["rnn","head"],["head","out"]]}})";

/// Real domains, uniform and logarithmic, one of them under a choice.
inline constexpr const char* realDomains = R"({"format":"archscope.space","version":2,"name":"reals","graph":{"nodes":[{"name":"in","input":{}},{"name":"flat","op":"flatten"},
  {"name":"d","choice":[{"name":"drop","op":"dropout","parameters":{"rate":{"real":[0.0,0.5]}}},{"name":"id","op":"identity"}]},
  {"name":"e","op":"dropout","parameters":{"rate":{"real":[0.01,0.5],"log":true}}},
  {"name":"head","op":"linear","parameters":{"features":{"expr":"classes"}}},{"name":"out","output":{}}],
  "edges":[["in","flat"],["flat","d"],["d","e"],["e","head"],["head","out"]]}})";

} // namespace archscope::test
