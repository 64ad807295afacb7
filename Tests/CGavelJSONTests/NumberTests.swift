import CGavelJSON
import Testing

@Suite("Numbers")
struct NumberTests {
    @Test(
        "integers of 64 bits are read exactly",
        arguments: [
            ("0", 0), ("-0", 0), ("1", 1), ("-1", -1), ("10", 10), ("9007199254740993", 9_007_199_254_740_993),
            ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("9223372036854775806", Int64.max - 1),
            ("-9223372036854775807", Int64.min + 1), ("1000000000000000000", 1_000_000_000_000_000_000),
        ]
    )
    func readsIntegers(_ text: String, _ expected: Int64) {
        let scan = Scan(text, .anyValue)
        #expect(Int(scan.tape[0].flags) == GJ_INTEGER)
        #expect(scan.integer(0) == expected)
    }

    @Test(
        "integers beyond 64 bits are told",
        arguments: [
            "9223372036854775808", "-9223372036854775809", "9999999999999999999", "-9999999999999999999",
            "18446744073709551616", "18446744073709551615", "100000000000000000000000000000000000000000000000000",
        ]
    )
    func refusesLargeIntegers(_ text: String) {
        let scan = Scan(text, .anyValue)
        #expect(Int(scan.tape[0].flags) == GJ_INTEGER)
        #expect(scan.integer(0) == nil)
    }

    @Test("a number with a fraction or an exponent is no integer, whatever its value")
    func tellsIntegers() {
        for text in ["1.0", "0.0", "1e0", "1E2", "-1.5e-3", "100000000000000000000.5", "12345678901234567890e1"] {
            #expect(Scan(text, .anyValue).tape[0].flags == 0, "\(text)")
        }
    }

    @Test("numbers of every length end where they end, at the end of the text and before it")
    func endsNumbers() {
        for whole in [1, 2, 7, 8, 13, 14, 15, 16, 17, 33] {
            for part in [0, 1, 2, 8, 13, 14, 15, 16, 17] {
                for sign in ["", "-"] {
                    for exponent in ["", "e5", "E-17"] {
                        let fraction = part == 0 ? "" : "." + String(repeating: "0", count: part)
                        let number = sign + String(repeating: "7", count: whole) + fraction + exponent
                        for (before, after) in [("", ""), ("", " "), ("[", "]"), ("[\"a string before\",", ",0]")] {
                            let scan = Scan(before + number + after, .anyValue)
                            #expect(scan.tape.contains { Int($0.end - $0.start) == number.utf8.count }, "\(number)")
                            for wrong in [".", "x", "-", "+", ".e"] {
                                #expect(Scan(before + number + wrong + after, .anyValue).code == badJSON, "\(number)")
                            }
                            #expect(Scan(before + sign + "0" + number + after, .anyValue).code == badJSON)
                        }
                    }
                }
            }
        }
    }
}
