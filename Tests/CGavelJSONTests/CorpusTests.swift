import CGavelJSON
import Testing

/// Texts that every reader of JSON should agree on, and those on which RFC 8259 leaves a choice.
@Suite("JSON corpus")
struct CorpusTests {
    static let valid = [
        "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "-0.0", "0.1e1", "1e5", "1E5", "1e+5", "1E-05",
        "0e0",
        "0E+1", "-0e-0", "123456789012345678901234567890", "1.000000000000000000000000000000001", "1e400", "-1e-400",
        "1e00000000000000000001", "\"\"", "\"a\"", "\" \"", "\"'\"", "\"/\"", "\"\u{7f}\"", "\"é€😀\"",
        "\"\u{2028}\u{2029}\"",
        "\"\u{feff}\"", "\"\u{fffe}\u{ffff}\u{10ffff}\"", #""\"""#, #""\\""#, #""\/""#, #""\b\f\n\r\t""#, #""\u0000""#,
        #""\u001f""#, #""\u0022\u005c\u005C""#, #""\u00e9\u00E9""#, #""\uaBcD""#, #""\ud7ff\ue000\uffff\ufffe""#,
        #""\ud800\udc00""#, #""\uD83D\uDE00""#, #""\udbff\udfff""#, #""\\u12""#, #""\\\\\"""#, "[]", "[ ]", "[\n]",
        "[1]",
        "[1,2,3]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[{}]", "[\"\",0,null,true,false,[],{}]", "{}", "{ }", "{\"\":0}",
        "{\"a\":1}", "{\"a\":1,\"b\":2}", "{ \"a\" : 1 , \"b\" : { } }", "{\"a\":{\"b\":[{\"c\":null}]}}",
        "{\"a\":1,\"a\":2}", #"{"\u0061":1,"a":2}"#, #"{"\"":1}"#, #"{"\u0000":1}"#, " 1", "1 ", "\t\n\r 1\t\n\r ",
        "\n{}\n",
        "\"exactly fourteen\"", "\"a string of more than thirty-two bytes, to leave the first block\"",
    ]

    static let invalid = [
        "", " ", "\n", "\u{feff}", "\u{feff}{}", "\u{feff}1", "\u{0}", "1\u{0}", "{}\u{0}", "\u{b}1", "\u{c}1",
        "1\u{c}",
        "\u{a0}1", "\u{2060}1", "\u{85}1", "[\u{c}]", "n", "nul", "nulL", "Null", "NULL", "nulll", "t", "tru", "True",
        "truee",
        "f", "fals", "fals ", "FALSE", "true1", "nan", "NaN", "Inf", "Infinity", "-Infinity", "undefined", "+", "-",
        "--1",
        "+1", "- 1", "00", "01", "-01", "-00", "0x1", "0x", "1a", "1_000", "1,000", ".", ".5", "-.5", "1.", "1.e1",
        "-1.",
        "1..2", "1.2.3", "0.e1", "1e", "1e+", "1e-", "1E", "1.5e", "1e1.5", "1ee1", "1e+-1", "1e 1", "0e", "1 2",
        "1 000",
        "1+1", "12345678901234567890.", "12345678901234567e", "１", "\"", "\"a", "\"a\"b", "\"\\", "\"\\\"",
        "\"\\\\\\\"",
        "'a'", "\"a\u{0}b\"", "\"\u{1}\"", "\"\u{1f}\"", "\"\n\"", "\"\t\"", "\"\r\"", #""\a""#, #""\x41""#, #""\0""#,
        #""\'""#,
        #""\ ""#, #""\U0041""#, #""\v""#, #""\u""#, #""\u1""#, #""\u12""#, #""\u123""#, #""\u123g""#, #""\u 123""#,
        #""\u+123""#,
        #""\u-123""#, #""\u123G""#, #""\u00é""#, #""\é""#, #""\😀""#, #""\ud800""#, #""\udbff""#, #""\udc00""#,
        #""\udfff""#,
        #""\ud800a""#, #""\ud800\n""#, #""\ud800\""#, #""\ud800\u""#, #""\ud800\u0041""#, #""\ud800\ud800""#,
        #""\ud800\ud800\udc00""#, #""\ud800\ue000""#, #""\ud800\udbff""#, #""\ud800\udc0""#, #""\ud800\udc0g""#,
        #""\udc00\ud800""#, #""\udc00\udc00""#, #""\ud83d \ude00""#, "\"\\\n\"", "\"\\\u{0}\"", "\\u0041", "\"a\\\u{0}",
        "[", "]", "[1",
        "[1,",
        "[1,]", "[,1]", "[,]", "[1,,2]", "[1;2]", "[1 2]", "[1:2]", "[1]]", "[1}", "[\"a\"", "[\"a", "[\"a\\",
        "[\"a\"b]",
        "[[]", "[]]", "[[", "[}", "[-]", "[1.]", "[nul]", "[true,]", "[\u{feff}]", "[1]x", "[1],", "[][]", "{", "}",
        "{\"a\"",
        "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\"}", "{\"a\",1}", "{\"a\" 1}",
        "{\"a\"::1}",
        "{\"a\":1:2}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{\"a\":1;\"b\":2}", "{a:1}", "{'a':1}", "{1:1}",
        "{null:1}",
        "{[]:1}", "{{}:1}", "{\"a\":}", "{:1}", "{\"a\":1]", "{\"a\":1}}", "{\"a\":1}{", "{}{}", "{} x", "{\"a\":a}",
        "{\"a\":\"b}", "{\"a\n\":1}", "{\"a\\\":1}", #"{"\ud800":1}"#, #"{"\x":1}"#, "{\"a\":1}//", "/**/{}", "#{}",
        "{}#",
        "{\"a\":/*x*/1}", "*", "<a>", "\u{1}", "\\", ":", ",", "{\"a\":1,\"b\"}", "{\"a\":1 ,}", "{ ,}", "[ ,]",
        "[1 , ]",
    ]

    @Test("a valid text of any kind is accepted", arguments: valid)
    func accepts(_ text: String) {
        let scan = Scan(text, .anyValue)
        #expect(scan.code > 0)
        #expect(scan.tapeProblem() == nil)
    }

    @Test("an invalid text is bad JSON, and the place lies within it", arguments: invalid)
    func refuses(_ text: String) {
        for root in [Scan.Root.anyValue, .object] {
            let scan = Scan(text, root)
            #expect(scan.code == badJSON)
            #expect((0...text.utf8.count).contains(scan.errorOffset))
        }
    }

    @Test("a text is judged alike inside an array, inside an object and after spaces")
    func judgesAlikeInside() {
        let wrappers = [("[", "]"), ("{\"a\":", "}"), ("[0,", ",0]"), (" \n", "\t"), ("{\"type\":\"x\",\"a\":[", "]}")]
        for (before, after) in wrappers {
            for text in Self.valid {
                #expect(Scan(before + text + after, .anyValue).code > 0, "\(before)\(text)\(after)")
            }
            // An empty array is none of the invalid texts.
            for text in Self.invalid where !(before.hasSuffix("[") && text.allSatisfy(\.isWhitespace)) {
                #expect(Scan(before + text + after, .anyValue).code == badJSON, "\(before)\(text)\(after)")
            }
        }
    }

    @Test("a valid value that is no object is told from bad JSON, with its place")
    func tellsOtherValues() {
        for text in Self.valid {
            let scan = Scan("  " + text)
            let value = text.trimmingPrefix(while: \.isWhitespace)
            if value.hasPrefix("{") {
                #expect(scan.code > 0)
            } else {
                #expect(scan.code == notObject)
                #expect(scan.errorOffset == 2 + text.utf8.count - value.utf8.count)
            }
        }
    }

    @Test(
        "the place of an error is its first wrong byte",
        arguments: [
            ("{\"a\":1,}", 7), ("{\"a\" 1}", 5), ("[1 2]", 3), ("[01]", 2), ("{} x", 3), ("{\"a\":tru}", 5),
            ("\"a\nb\"", 2),
            ("\"\\q\"", 2), ("\"\\ud800x\"", 1), ("[1.]", 3), ("[-]", 2), ("{\"a", 3), ("[1,", 3), ("\"a\\", 3),
            ("[1e]", 3),
        ]
    )
    func placesErrors(_ text: String, _ offset: Int) {
        let scan = Scan(text, .anyValue)
        #expect(scan.code == badJSON)
        #expect(scan.errorOffset == offset)
    }

    @Test("a text of no address and no length is bad JSON")
    func refusesNothing() {
        var token = gj_token()
        var envelope = gj_envelope()
        #expect(gj_scan(nil, 0, &token, 1, 64, &envelope, nil) == badJSON)
        #expect(gj_scan_value(nil, 0, &token, 1, 64, nil) == badJSON)
    }
}
