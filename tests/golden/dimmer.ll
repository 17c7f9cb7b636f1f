define internal i64 @p0_levels_never_fall(ptr %state, ptr %before, ptr %status, ptr %odometer, ptr %out) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m2 = alloca i64, align 8
  %m4 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %m1, i8 0, i64 8, i1 false)
  store i64 1, ptr %m2, align 8
  store i64 0, ptr %m4, align 8
  br label %b5
b5:
  %r9 = load i64, ptr %m4, align 8
  %r10 = icmp slt i64 %r9, 2
  br i1 %r10, label %b6, label %b8
b6:
  %r11 = sub i64 1, %r9
  %r12 = mul i64 %r11, 2
  %r13 = add i64 60, %r12
  %r14 = load i64, ptr %state, align 8
  %r15 = lshr i64 %r14, %r13
  %r16 = and i64 %r15, 3
  %r17 = sub i64 1, %r9
  %r18 = mul i64 %r17, 2
  %r19 = add i64 60, %r18
  %r20 = load i64, ptr %before, align 8
  %r21 = lshr i64 %r20, %r19
  %r22 = and i64 %r21, 3
  %r23 = icmp sge i64 %r16, %r22
  br i1 %r23, label %b24, label %b25
b25:
  store i64 0, ptr %m2, align 8
  br label %b3
b24:
  br label %b7
b7:
  %r26 = add nsw i64 %r9, 1
  store i64 %r26, ptr %m4, align 8
  br label %b5
b8:
  br label %b3
b3:
  %r27 = load i64, ptr %m2, align 8
  store i64 %r27, ptr %m1, align 8
  br label %end
end:
  %r28 = load i64, ptr %m1, align 8
  %r29 = and i64 %r28, 1
  ret i64 %r29
}

define internal i1 @step_broken(ptr %state, ptr %before) nounwind {
entry:
  %m1 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  %r2 = call i64 @p0_levels_never_fall(ptr %state, ptr %before, ptr %m1, ptr null, ptr null)
  %r3 = icmp ne i64 %r2, 0
  %r4 = xor i1 %r3, true
  br i1 %r4, label %broken, label %b5
b5:
  ret i1 false
broken:
  ret i1 true
}

define internal void @action0_brighten(ptr %ctx, ptr %src) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m19 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  br label %b2
b2:
  %r6 = load i64, ptr %m1, align 8
  %r7 = icmp slt i64 %r6, 2
  br i1 %r7, label %b3, label %b5
b3:
  %r10 = sub i64 1, %r6
  %r11 = mul i64 %r10, 2
  %r12 = add i64 60, %r11
  %r13 = load i64, ptr %src, align 8
  %r14 = lshr i64 %r13, %r12
  %r15 = and i64 %r14, 3
  %r16 = icmp slt i64 %r15, 3
  %r17 = xor i1 %r16, true
  br i1 %r17, label %next8, label %b18
b18:
  %r20 = load i64, ptr %src, align 8
  store i64 %r20, ptr %m19, align 8
  %r22 = sub i64 1, %r6
  %r23 = mul i64 %r22, 2
  %r24 = add i64 60, %r23
  %r25 = load i64, ptr %m19, align 8
  %r26 = lshr i64 %r25, %r24
  %r27 = and i64 %r26, 3
  %r28 = add i64 %r27, 1
  %r29 = icmp ugt i64 %r28, 3
  br i1 %r29, label %fail9, label %b30
b30:
  %r31 = sub i64 1, %r6
  %r32 = mul i64 %r31, 2
  %r33 = add i64 60, %r32
  %r34 = shl i64 3, %r33
  %r35 = load i64, ptr %m19, align 8
  %r36 = xor i64 %r34, -1
  %r37 = and i64 %r35, %r36
  %r38 = shl i64 %r28, %r33
  %r39 = or i64 %r37, %r38
  store i64 %r39, ptr %m19, align 8
  %r40 = add i64 %r6, 1
  %r41 = load i64, ptr %m19, align 8
  %r42 = and i64 %r41, -864691128455135233
  %r43 = shl i64 %r40, 58
  %r44 = or i64 %r42, %r43
  store i64 %r44, ptr %m19, align 8
  br label %emit21
emit21:
  %r45 = call ptr @kernel_slot(ptr %ctx)
  %r46 = load i64, ptr %m19, align 8
  store i64 %r46, ptr %r45, align 8
  %r47 = call i1 @step_broken(ptr %r45, ptr %src)
  br i1 %r47, label %b48, label %b49
b48:
  call void @kernel_broken(ptr %ctx)
  br label %b49
b49:
  call void @kernel_emit(ptr %ctx, i64 0)
  br label %next8
fail9:
  call void @kernel_fail(ptr %ctx)
  br label %next8
next8:
  br label %b4
b4:
  %r50 = add nsw i64 %r6, 1
  store i64 %r50, ptr %m1, align 8
  br label %b2
b5:
  br label %out
out:
  ret void
}

define internal void @action1_turn_off(ptr %ctx, ptr %src) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m10 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  br label %b2
b2:
  %r6 = load i64, ptr %m1, align 8
  %r7 = icmp slt i64 %r6, 2
  br i1 %r7, label %b3, label %b5
b3:
  %r11 = load i64, ptr %src, align 8
  store i64 %r11, ptr %m10, align 8
  %r13 = sub i64 1, %r6
  %r14 = mul i64 %r13, 2
  %r15 = add i64 60, %r14
  %r16 = shl i64 3, %r15
  %r17 = load i64, ptr %m10, align 8
  %r18 = xor i64 %r16, -1
  %r19 = and i64 %r17, %r18
  %r20 = shl i64 0, %r15
  %r21 = or i64 %r19, %r20
  store i64 %r21, ptr %m10, align 8
  br label %emit12
emit12:
  %r22 = call ptr @kernel_slot(ptr %ctx)
  %r23 = load i64, ptr %m10, align 8
  store i64 %r23, ptr %r22, align 8
  %r24 = call i1 @step_broken(ptr %r22, ptr %src)
  br i1 %r24, label %b25, label %b26
b25:
  call void @kernel_broken(ptr %ctx)
  br label %b26
b26:
  call void @kernel_emit(ptr %ctx, i64 1)
  br label %next8
next8:
  br label %b4
b4:
  %r27 = add nsw i64 %r6, 1
  store i64 %r27, ptr %m1, align 8
  br label %b2
b5:
  br label %out
out:
  ret void
}

define void @model_expand(ptr noalias %ctx, ptr noalias %src) nounwind {
entry:
  call void @action0_brighten(ptr %ctx, ptr %src)
  call void @action1_turn_off(ptr %ctx, ptr %src)
  ret void
}

define void @model_initial(ptr %ctx, ptr %src) nounwind {
entry:
  call void @llvm.memset.p0.i64(ptr align 8 %src, i8 0, i64 8, i1 false)
  %r1 = load i64, ptr %src, align 8
  %r2 = and i64 %r1, 1152921504606846975
  store i64 %r2, ptr %src, align 8
  %r3 = load i64, ptr %src, align 8
  %r4 = and i64 %r3, -864691128455135233
  store i64 %r4, ptr %src, align 8
  %r5 = call ptr @kernel_slot(ptr %ctx)
  %r6 = load i64, ptr %src, align 8
  store i64 %r6, ptr %r5, align 8
  call void @kernel_emit(ptr %ctx, i64 0)
  br label %out
out:
  ret void
}

define internal i64 @p1_some_light_is_off(ptr %state, ptr %before, ptr %status, ptr %odometer, ptr %out) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m2 = alloca i64, align 8
  %m4 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %m1, i8 0, i64 8, i1 false)
  store i64 0, ptr %m2, align 8
  store i64 0, ptr %m4, align 8
  br label %b5
b5:
  %r9 = load i64, ptr %m4, align 8
  %r10 = icmp slt i64 %r9, 2
  br i1 %r10, label %b6, label %b8
b6:
  %r11 = sub i64 1, %r9
  %r12 = mul i64 %r11, 2
  %r13 = add i64 60, %r12
  %r14 = load i64, ptr %state, align 8
  %r15 = lshr i64 %r14, %r13
  %r16 = and i64 %r15, 3
  %r17 = icmp slt i64 %r16, 3
  br i1 %r17, label %b19, label %b18
b19:
  store i64 1, ptr %m2, align 8
  br label %b3
b18:
  br label %b7
b7:
  %r20 = add nsw i64 %r9, 1
  store i64 %r20, ptr %m4, align 8
  br label %b5
b8:
  br label %b3
b3:
  %r21 = load i64, ptr %m2, align 8
  store i64 %r21, ptr %m1, align 8
  br label %end
end:
  %r22 = load i64, ptr %m1, align 8
  %r23 = and i64 %r22, 1
  ret i64 %r23
}

define i64 @model_judge(ptr %state) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m4 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  store i64 0, ptr %m4, align 8
  %r5 = call i64 @p1_some_light_is_off(ptr %state, ptr null, ptr %m4, ptr null, ptr null)
  %r6 = icmp ne i64 %r5, 0
  %r7 = xor i1 %r6, true
  %r8 = select i1 %r7, i64 1, i64 0
  %r9 = load i64, ptr %m1, align 8
  %r10 = or i64 %r9, %r8
  store i64 %r10, ptr %m1, align 8
  br label %b3
b3:
  %r11 = load i64, ptr %m1, align 8
  ret i64 %r11
}

define i64 @model_terminal(ptr %state) nounwind {
entry:
  ret i64 0
terminal:
  ret i64 1
}

define internal i64 @p2_one_is_bright(ptr %state, ptr %before, ptr %status, ptr %odometer, ptr %out) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m2 = alloca i64, align 8
  %m4 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %m1, i8 0, i64 8, i1 false)
  store i64 0, ptr %m2, align 8
  store i64 0, ptr %m4, align 8
  br label %b5
b5:
  %r9 = load i64, ptr %m4, align 8
  %r10 = icmp slt i64 %r9, 2
  br i1 %r10, label %b6, label %b8
b6:
  %r11 = sub i64 1, %r9
  %r12 = mul i64 %r11, 2
  %r13 = add i64 60, %r12
  %r14 = load i64, ptr %state, align 8
  %r15 = lshr i64 %r14, %r13
  %r16 = and i64 %r15, 3
  %r17 = icmp eq i64 %r16, 3
  br i1 %r17, label %b19, label %b18
b19:
  store i64 1, ptr %m2, align 8
  br label %b3
b18:
  br label %b7
b7:
  %r20 = add nsw i64 %r9, 1
  store i64 %r20, ptr %m4, align 8
  br label %b5
b8:
  br label %b3
b3:
  %r21 = load i64, ptr %m2, align 8
  store i64 %r21, ptr %m1, align 8
  br label %end
end:
  %r22 = load i64, ptr %m1, align 8
  %r23 = and i64 %r22, 1
  ret i64 %r23
}

define i64 @model_reach(ptr %state, i64 %pending) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m8 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  %r2 = and i64 %pending, 1
  %r3 = icmp ne i64 %r2, 0
  br i1 %r3, label %b4, label %b5
b4:
  store i64 0, ptr %m8, align 8
  %r9 = call i64 @p2_one_is_bright(ptr %state, ptr null, ptr %m8, ptr null, ptr null)
  %r10 = icmp ne i64 %r9, 0
  %r11 = select i1 %r10, i64 1, i64 0
  %r12 = load i64, ptr %m1, align 8
  %r13 = or i64 %r12, %r11
  store i64 %r13, ptr %m1, align 8
  br label %b7
b7:
  br label %b5
b5:
  %r14 = load i64, ptr %m1, align 8
  ret i64 %r14
}

define internal i64 @key11(ptr %state, i64 %who) nounwind {
entry:
  %m11 = alloca i64, align 8
  %r1 = load i64, ptr %state, align 8
  %r2 = lshr i64 %r1, 60
  %r3 = and i64 %r2, 15
  %r4 = sub i64 1, %who
  %r5 = mul i64 %r4, 2
  %r6 = lshr i64 %r3, %r5
  %r7 = and i64 %r6, 3
  %r8 = load i64, ptr %state, align 8
  %r9 = lshr i64 %r8, 58
  %r10 = and i64 %r9, 3
  store i64 0, ptr %m11, align 8
  %r12 = icmp eq i64 %r10, 0
  %r13 = xor i1 %r12, true
  br i1 %r13, label %b14, label %b15
b14:
  %r16 = sub i64 %r10, 1
  %r17 = icmp eq i64 %r16, %who
  %r18 = zext i1 %r17 to i64
  %r19 = add i64 %r18, 1
  store i64 %r19, ptr %m11, align 8
  br label %b15
b15:
  %r20 = load i64, ptr %m11, align 8
  %r21 = mul i64 %r7, -7046029254386353131
  %r22 = add i64 %r21, %r20
  ret i64 %r22
}

define internal i64 @key12(ptr %state, i64 %who) nounwind {
entry:
  %m8 = alloca i64, align 8
  %m9 = alloca i64, align 8
  %m33 = alloca i64, align 8
  %r1 = load i64, ptr %state, align 8
  %r2 = lshr i64 %r1, 60
  %r3 = and i64 %r2, 15
  %r4 = sub i64 1, %who
  %r5 = mul i64 %r4, 2
  %r6 = lshr i64 %r3, %r5
  %r7 = and i64 %r6, 3
  store i64 0, ptr %m8, align 8
  store i64 0, ptr %m9, align 8
  br label %b10
b10:
  %r14 = load i64, ptr %m9, align 8
  %r15 = icmp slt i64 %r14, 2
  br i1 %r15, label %b11, label %b13
b11:
  %r16 = sub i64 1, %r14
  %r17 = mul i64 %r16, 2
  %r18 = lshr i64 %r3, %r17
  %r19 = and i64 %r18, 3
  %r20 = load i64, ptr %m8, align 8
  %r21 = mul i64 %r19, -2960836687051489901
  %r22 = lshr i64 %r21, 32
  %r23 = xor i64 %r21, %r22
  %r24 = mul i64 %r23, -7046029254386353131
  %r25 = add i64 %r20, %r24
  store i64 %r25, ptr %m8, align 8
  br label %b12
b12:
  %r26 = add nsw i64 %r14, 1
  store i64 %r26, ptr %m9, align 8
  br label %b10
b13:
  %r27 = load i64, ptr %m8, align 8
  %r28 = mul i64 %r7, -7046029254386353131
  %r29 = add i64 %r28, %r27
  %r30 = load i64, ptr %state, align 8
  %r31 = lshr i64 %r30, 58
  %r32 = and i64 %r31, 3
  store i64 0, ptr %m33, align 8
  %r34 = icmp eq i64 %r32, 0
  %r35 = xor i1 %r34, true
  br i1 %r35, label %b36, label %b37
b36:
  %r38 = sub i64 %r32, 1
  %r39 = icmp eq i64 %r38, %who
  %r40 = zext i1 %r39 to i64
  %r41 = add i64 %r40, 1
  store i64 %r41, ptr %m33, align 8
  br label %b37
b37:
  %r42 = load i64, ptr %m33, align 8
  %r43 = mul i64 %r29, -7046029254386353131
  %r44 = add i64 %r43, %r42
  ret i64 %r44
}

define internal void @_symmetry_sort(ptr %keys.in, ptr %order.in, ptr %blocks.in, i64 %start.in, i64 %size.in) alwaysinline nounwind {
  %keys.slot = alloca ptr
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %start.slot = alloca i64
  %size.slot = alloca i64
  %k.slot = alloca i64
  %at.slot = alloca i64
  %truth10.slot = alloca i1
  br label %start
start:
  store ptr %keys.in, ptr %keys.slot
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store i64 %start.in, ptr %start.slot
  store i64 %size.in, ptr %size.slot
  %r1 = load i64, ptr %start.slot
  %r2 = load i64, ptr %start.slot
  %r3 = load i64, ptr %size.slot
  %r4 = add i64 %r2, %r3
  store i64 %r1, ptr %k.slot
  br label %for5
for5:
  %r6 = load i64, ptr %k.slot
  %r7 = icmp ult i64 %r6, %r4
  br i1 %r7, label %body5, label %end5
body5:
  %r8 = load i64, ptr %k.slot
  store i64 %r8, ptr %at.slot
  br label %while9
while9:
  %r12 = load i64, ptr %at.slot
  %r13 = load i64, ptr %start.slot
  %r14 = icmp ugt i64 %r12, %r13
  store i1 %r14, ptr %truth10.slot
  br i1 %r14, label %more15, label %decided11
more15:
  %r16 = load ptr, ptr %keys.slot
  %r17 = load ptr, ptr %order.slot
  %r18 = load i64, ptr %at.slot
  %r19 = sub i64 %r18, 1
  %r20 = getelementptr i64, ptr %r17, i64 %r19
  %r21 = load i64, ptr %r20
  %r22 = getelementptr i64, ptr %r16, i64 %r21
  %r23 = load i64, ptr %r22
  %r24 = load ptr, ptr %keys.slot
  %r25 = load i64, ptr %k.slot
  %r26 = getelementptr i64, ptr %r24, i64 %r25
  %r27 = load i64, ptr %r26
  %r28 = icmp ugt i64 %r23, %r27
  store i1 %r28, ptr %truth10.slot
  br i1 %r28, label %more29, label %decided11
more29:
  br label %decided11
decided11:
  %r30 = load i1, ptr %truth10.slot
  br i1 %r30, label %body9, label %end9
body9:
  %r31 = load ptr, ptr %order.slot
  %r32 = load i64, ptr %at.slot
  %r33 = sub i64 %r32, 1
  %r34 = getelementptr i64, ptr %r31, i64 %r33
  %r35 = load i64, ptr %r34
  %r36 = load ptr, ptr %order.slot
  %r37 = load i64, ptr %at.slot
  %r38 = getelementptr i64, ptr %r36, i64 %r37
  store i64 %r35, ptr %r38
  %r39 = load i64, ptr %at.slot
  %r40 = sub i64 %r39, 1
  store i64 %r40, ptr %at.slot
  br label %while9
end9:
  %r41 = load i64, ptr %k.slot
  %r42 = load ptr, ptr %order.slot
  %r43 = load i64, ptr %at.slot
  %r44 = getelementptr i64, ptr %r42, i64 %r43
  store i64 %r41, ptr %r44
  br label %step5
step5:
  %r45 = load i64, ptr %k.slot
  %r46 = add i64 %r45, 1
  store i64 %r46, ptr %k.slot
  br label %for5
end5:
  %r47 = load i64, ptr %start.slot
  %r48 = load ptr, ptr %blocks.slot
  %r49 = load i64, ptr %start.slot
  %r50 = getelementptr i64, ptr %r48, i64 %r49
  store i64 %r47, ptr %r50
  %r51 = load i64, ptr %start.slot
  %r52 = add i64 %r51, 1
  %r53 = load i64, ptr %start.slot
  %r54 = load i64, ptr %size.slot
  %r55 = add i64 %r53, %r54
  store i64 %r52, ptr %k.slot
  br label %for56
for56:
  %r57 = load i64, ptr %k.slot
  %r58 = icmp ult i64 %r57, %r55
  br i1 %r58, label %body56, label %end56
body56:
  %r60 = load ptr, ptr %keys.slot
  %r61 = load ptr, ptr %order.slot
  %r62 = load i64, ptr %k.slot
  %r63 = getelementptr i64, ptr %r61, i64 %r62
  %r64 = load i64, ptr %r63
  %r65 = getelementptr i64, ptr %r60, i64 %r64
  %r66 = load i64, ptr %r65
  %r67 = load ptr, ptr %keys.slot
  %r68 = load ptr, ptr %order.slot
  %r69 = load i64, ptr %k.slot
  %r70 = sub i64 %r69, 1
  %r71 = getelementptr i64, ptr %r68, i64 %r70
  %r72 = load i64, ptr %r71
  %r73 = getelementptr i64, ptr %r67, i64 %r72
  %r74 = load i64, ptr %r73
  %r75 = icmp eq i64 %r66, %r74
  br i1 %r75, label %then59, label %else59
then59:
  %r76 = load ptr, ptr %blocks.slot
  %r77 = load i64, ptr %k.slot
  %r78 = sub i64 %r77, 1
  %r79 = getelementptr i64, ptr %r76, i64 %r78
  %r80 = load i64, ptr %r79
  %r81 = load ptr, ptr %blocks.slot
  %r82 = load i64, ptr %k.slot
  %r83 = getelementptr i64, ptr %r81, i64 %r82
  store i64 %r80, ptr %r83
  br label %join59
else59:
  %r84 = load i64, ptr %k.slot
  %r85 = load ptr, ptr %blocks.slot
  %r86 = load i64, ptr %k.slot
  %r87 = getelementptr i64, ptr %r85, i64 %r86
  store i64 %r84, ptr %r87
  br label %join59
join59:
  br label %step56
step56:
  %r88 = load i64, ptr %k.slot
  %r89 = add i64 %r88, 1
  store i64 %r89, ptr %k.slot
  br label %for56
end56:
  ret void
}

define internal i64 @_symmetry_tied(ptr %blocks.in, i64 %total.in) alwaysinline nounwind {
  %blocks.slot = alloca ptr
  %total.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %blocks.in, ptr %blocks.slot
  store i64 %total.in, ptr %total.slot
  %r1 = load i64, ptr %total.slot
  store i64 0, ptr %k.slot
  br label %for2
for2:
  %r3 = load i64, ptr %k.slot
  %r4 = icmp ult i64 %r3, %r1
  br i1 %r4, label %body2, label %end2
body2:
  %r6 = load ptr, ptr %blocks.slot
  %r7 = load i64, ptr %k.slot
  %r8 = getelementptr i64, ptr %r6, i64 %r7
  %r9 = load i64, ptr %r8
  %r10 = load i64, ptr %k.slot
  %r11 = icmp ne i64 %r9, %r10
  br i1 %r11, label %then5, label %else5
then5:
  ret i64 1
else5:
  br label %join5
join5:
  br label %step2
step2:
  %r12 = load i64, ptr %k.slot
  %r13 = add i64 %r12, 1
  store i64 %r13, ptr %k.slot
  br label %for2
end2:
  ret i64 0
}

define internal void @_symmetry_maps(ptr %order.in, ptr %maps.in, i64 %start.in, i64 %size.in) alwaysinline nounwind {
  %order.slot = alloca ptr
  %maps.slot = alloca ptr
  %start.slot = alloca i64
  %size.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %order.in, ptr %order.slot
  store ptr %maps.in, ptr %maps.slot
  store i64 %start.in, ptr %start.slot
  store i64 %size.in, ptr %size.slot
  %r1 = load i64, ptr %start.slot
  %r2 = load i64, ptr %start.slot
  %r3 = load i64, ptr %size.slot
  %r4 = add i64 %r2, %r3
  store i64 %r1, ptr %k.slot
  br label %for5
for5:
  %r6 = load i64, ptr %k.slot
  %r7 = icmp ult i64 %r6, %r4
  br i1 %r7, label %body5, label %end5
body5:
  %r8 = load i64, ptr %k.slot
  %r9 = load i64, ptr %start.slot
  %r10 = sub i64 %r8, %r9
  %r11 = load ptr, ptr %maps.slot
  %r12 = load ptr, ptr %order.slot
  %r13 = load i64, ptr %k.slot
  %r14 = getelementptr i64, ptr %r12, i64 %r13
  %r15 = load i64, ptr %r14
  %r16 = getelementptr i64, ptr %r11, i64 %r15
  store i64 %r10, ptr %r16
  br label %step5
step5:
  %r17 = load i64, ptr %k.slot
  %r18 = add i64 %r17, 1
  store i64 %r18, ptr %k.slot
  br label %for5
end5:
  ret void
}

define internal i64 @_symmetry_step(ptr %order.in, i64 %start.in, i64 %end.in) alwaysinline nounwind {
  %order.slot = alloca ptr
  %start.slot = alloca i64
  %end.slot = alloca i64
  %i.slot = alloca i64
  %truth4.slot = alloca i1
  %found.slot = alloca i64
  %j.slot = alloca i64
  %kept.slot = alloca i64
  %low.slot = alloca i64
  %high.slot = alloca i64
  %other.slot = alloca i64
  br label %start
start:
  store ptr %order.in, ptr %order.slot
  store i64 %start.in, ptr %start.slot
  store i64 %end.in, ptr %end.slot
  %r1 = load i64, ptr %end.slot
  %r2 = sub i64 %r1, 1
  store i64 %r2, ptr %i.slot
  br label %while3
while3:
  %r6 = load i64, ptr %i.slot
  %r7 = load i64, ptr %start.slot
  %r8 = icmp ugt i64 %r6, %r7
  store i1 %r8, ptr %truth4.slot
  br i1 %r8, label %more9, label %decided5
more9:
  %r10 = load ptr, ptr %order.slot
  %r11 = load i64, ptr %i.slot
  %r12 = sub i64 %r11, 1
  %r13 = getelementptr i64, ptr %r10, i64 %r12
  %r14 = load i64, ptr %r13
  %r15 = load ptr, ptr %order.slot
  %r16 = load i64, ptr %i.slot
  %r17 = getelementptr i64, ptr %r15, i64 %r16
  %r18 = load i64, ptr %r17
  %r19 = icmp ugt i64 %r14, %r18
  store i1 %r19, ptr %truth4.slot
  br i1 %r19, label %more20, label %decided5
more20:
  br label %decided5
decided5:
  %r21 = load i1, ptr %truth4.slot
  br i1 %r21, label %body3, label %end3
body3:
  %r22 = load i64, ptr %i.slot
  %r23 = sub i64 %r22, 1
  store i64 %r23, ptr %i.slot
  br label %while3
end3:
  store i64 0, ptr %found.slot
  %r25 = load i64, ptr %i.slot
  %r26 = load i64, ptr %start.slot
  %r27 = icmp ugt i64 %r25, %r26
  br i1 %r27, label %then24, label %else24
then24:
  %r28 = load i64, ptr %end.slot
  %r29 = sub i64 %r28, 1
  store i64 %r29, ptr %j.slot
  br label %while30
while30:
  %r31 = load ptr, ptr %order.slot
  %r32 = load i64, ptr %j.slot
  %r33 = getelementptr i64, ptr %r31, i64 %r32
  %r34 = load i64, ptr %r33
  %r35 = load ptr, ptr %order.slot
  %r36 = load i64, ptr %i.slot
  %r37 = sub i64 %r36, 1
  %r38 = getelementptr i64, ptr %r35, i64 %r37
  %r39 = load i64, ptr %r38
  %r40 = icmp ult i64 %r34, %r39
  br i1 %r40, label %body30, label %end30
body30:
  %r41 = load i64, ptr %j.slot
  %r42 = sub i64 %r41, 1
  store i64 %r42, ptr %j.slot
  br label %while30
end30:
  %r43 = load ptr, ptr %order.slot
  %r44 = load i64, ptr %j.slot
  %r45 = getelementptr i64, ptr %r43, i64 %r44
  %r46 = load i64, ptr %r45
  store i64 %r46, ptr %kept.slot
  %r47 = load ptr, ptr %order.slot
  %r48 = load i64, ptr %i.slot
  %r49 = sub i64 %r48, 1
  %r50 = getelementptr i64, ptr %r47, i64 %r49
  %r51 = load i64, ptr %r50
  %r52 = load ptr, ptr %order.slot
  %r53 = load i64, ptr %j.slot
  %r54 = getelementptr i64, ptr %r52, i64 %r53
  store i64 %r51, ptr %r54
  %r55 = load i64, ptr %kept.slot
  %r56 = load ptr, ptr %order.slot
  %r57 = load i64, ptr %i.slot
  %r58 = sub i64 %r57, 1
  %r59 = getelementptr i64, ptr %r56, i64 %r58
  store i64 %r55, ptr %r59
  store i64 1, ptr %found.slot
  br label %join24
else24:
  br label %join24
join24:
  %r60 = load i64, ptr %i.slot
  store i64 %r60, ptr %low.slot
  %r61 = load i64, ptr %end.slot
  %r62 = sub i64 %r61, 1
  store i64 %r62, ptr %high.slot
  br label %while63
while63:
  %r64 = load i64, ptr %low.slot
  %r65 = load i64, ptr %high.slot
  %r66 = icmp ult i64 %r64, %r65
  br i1 %r66, label %body63, label %end63
body63:
  %r67 = load ptr, ptr %order.slot
  %r68 = load i64, ptr %low.slot
  %r69 = getelementptr i64, ptr %r67, i64 %r68
  %r70 = load i64, ptr %r69
  store i64 %r70, ptr %other.slot
  %r71 = load ptr, ptr %order.slot
  %r72 = load i64, ptr %high.slot
  %r73 = getelementptr i64, ptr %r71, i64 %r72
  %r74 = load i64, ptr %r73
  %r75 = load ptr, ptr %order.slot
  %r76 = load i64, ptr %low.slot
  %r77 = getelementptr i64, ptr %r75, i64 %r76
  store i64 %r74, ptr %r77
  %r78 = load i64, ptr %other.slot
  %r79 = load ptr, ptr %order.slot
  %r80 = load i64, ptr %high.slot
  %r81 = getelementptr i64, ptr %r79, i64 %r80
  store i64 %r78, ptr %r81
  %r82 = load i64, ptr %low.slot
  %r83 = add i64 %r82, 1
  store i64 %r83, ptr %low.slot
  %r84 = load i64, ptr %high.slot
  %r85 = sub i64 %r84, 1
  store i64 %r85, ptr %high.slot
  br label %while63
end63:
  %r86 = load i64, ptr %found.slot
  ret i64 %r86
}

define internal i64 @_symmetry_next(ptr %order.in, ptr %blocks.in, i64 %total.in) alwaysinline nounwind {
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %total.slot = alloca i64
  %end.slot = alloca i64
  %start.slot = alloca i64
  %truth11.slot = alloca i1
  br label %start
start:
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store i64 %total.in, ptr %total.slot
  %r1 = load i64, ptr %total.slot
  store i64 %r1, ptr %end.slot
  br label %while2
while2:
  %r3 = load i64, ptr %end.slot
  %r4 = icmp ugt i64 %r3, 0
  br i1 %r4, label %body2, label %end2
body2:
  %r5 = load ptr, ptr %blocks.slot
  %r6 = load i64, ptr %end.slot
  %r7 = sub i64 %r6, 1
  %r8 = getelementptr i64, ptr %r5, i64 %r7
  %r9 = load i64, ptr %r8
  store i64 %r9, ptr %start.slot
  %r13 = load i64, ptr %end.slot
  %r14 = load i64, ptr %start.slot
  %r15 = sub i64 %r13, %r14
  %r16 = icmp ugt i64 %r15, 1
  store i1 %r16, ptr %truth11.slot
  br i1 %r16, label %more17, label %decided12
more17:
  %r18 = load ptr, ptr %order.slot
  %r19 = load i64, ptr %start.slot
  %r20 = load i64, ptr %end.slot
  %r21 = call i64 @_symmetry_step(ptr %r18, i64 %r19, i64 %r20)
  %r22 = icmp eq i64 %r21, 1
  store i1 %r22, ptr %truth11.slot
  br i1 %r22, label %more23, label %decided12
more23:
  br label %decided12
decided12:
  %r24 = load i1, ptr %truth11.slot
  br i1 %r24, label %then10, label %else10
then10:
  ret i64 1
else10:
  br label %join10
join10:
  %r25 = load i64, ptr %start.slot
  store i64 %r25, ptr %end.slot
  br label %while2
end2:
  ret i64 0
}

define internal void @rename(ptr %dst, ptr %src, ptr %maps) nounwind {
entry:
  %m4 = alloca i64, align 8
  %m5 = alloca i64, align 8
  %m36 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %dst, i8 0, i64 8, i1 false)
  %r1 = load i64, ptr %src, align 8
  %r2 = lshr i64 %r1, 60
  %r3 = and i64 %r2, 15
  call void @llvm.memset.p0.i64(ptr align 8 %m4, i8 0, i64 8, i1 false)
  store i64 0, ptr %m5, align 8
  br label %b6
b6:
  %r10 = load i64, ptr %m5, align 8
  %r11 = icmp slt i64 %r10, 2
  br i1 %r11, label %b7, label %b9
b7:
  %r12 = sub i64 1, %r10
  %r13 = mul i64 %r12, 2
  %r14 = lshr i64 %r3, %r13
  %r15 = and i64 %r14, 3
  %r16 = getelementptr inbounds i64, ptr %maps, i64 %r10
  %r17 = load i64, ptr %r16, align 8
  %r18 = sub i64 1, %r17
  %r19 = mul i64 %r18, 2
  %r20 = shl i64 3, %r19
  %r21 = load i64, ptr %m4, align 8
  %r22 = xor i64 %r20, -1
  %r23 = and i64 %r21, %r22
  %r24 = shl i64 %r15, %r19
  %r25 = or i64 %r23, %r24
  store i64 %r25, ptr %m4, align 8
  br label %b8
b8:
  %r26 = add nsw i64 %r10, 1
  store i64 %r26, ptr %m5, align 8
  br label %b6
b9:
  %r27 = load i64, ptr %m4, align 8
  %r28 = and i64 %r27, 15
  %r29 = load i64, ptr %dst, align 8
  %r30 = and i64 %r29, 1152921504606846975
  %r31 = shl i64 %r28, 60
  %r32 = or i64 %r30, %r31
  store i64 %r32, ptr %dst, align 8
  %r33 = load i64, ptr %src, align 8
  %r34 = lshr i64 %r33, 58
  %r35 = and i64 %r34, 3
  store i64 %r35, ptr %m36, align 8
  %r37 = icmp eq i64 %r35, 0
  %r38 = xor i1 %r37, true
  br i1 %r38, label %b39, label %b40
b39:
  %r41 = sub i64 %r35, 1
  %r42 = getelementptr inbounds i64, ptr %maps, i64 %r41
  %r43 = load i64, ptr %r42, align 8
  %r44 = add i64 %r43, 1
  store i64 %r44, ptr %m36, align 8
  br label %b40
b40:
  %r45 = load i64, ptr %m36, align 8
  %r46 = and i64 %r45, 3
  %r47 = load i64, ptr %dst, align 8
  %r48 = and i64 %r47, -864691128455135233
  %r49 = shl i64 %r46, 58
  %r50 = or i64 %r48, %r49
  store i64 %r50, ptr %dst, align 8
  br label %out
out:
  ret void
}

define void @model_canon(ptr %state) nounwind {
entry:
  %m1 = alloca [2 x i64], align 8
  %m2 = alloca [2 x i64], align 8
  %m3 = alloca [2 x i64], align 8
  %m4 = alloca [18 x i64], align 8
  %m5 = alloca i64, align 8
  %m19 = alloca i64, align 8
  %m29 = alloca i64, align 8
  %m30 = alloca i64, align 8
  %m31 = alloca i64, align 8
  %m39 = alloca i64, align 8
  store i64 0, ptr %m5, align 8
  br label %b6
b6:
  %r10 = load i64, ptr %m5, align 8
  %r11 = icmp slt i64 %r10, 2
  br i1 %r11, label %b7, label %b9
b7:
  %r12 = call i64 @key11(ptr %state, i64 %r10)
  %r13 = getelementptr inbounds i64, ptr %m3, i64 %r10
  store i64 %r12, ptr %r13, align 8
  br label %b8
b8:
  %r14 = add nsw i64 %r10, 1
  store i64 %r14, ptr %m5, align 8
  br label %b6
b9:
  call void @_symmetry_sort(ptr %m3, ptr %m1, ptr %m2, i64 0, i64 2)
  %r15 = call i64 @_symmetry_tied(ptr %m2, i64 2)
  %r16 = icmp ne i64 %r15, 0
  br i1 %r16, label %b17, label %b18
b17:
  store i64 0, ptr %m19, align 8
  br label %b20
b20:
  %r24 = load i64, ptr %m19, align 8
  %r25 = icmp slt i64 %r24, 2
  br i1 %r25, label %b21, label %b23
b21:
  %r26 = call i64 @key12(ptr %state, i64 %r24)
  %r27 = getelementptr inbounds i64, ptr %m3, i64 %r24
  store i64 %r26, ptr %r27, align 8
  br label %b22
b22:
  %r28 = add nsw i64 %r24, 1
  store i64 %r28, ptr %m19, align 8
  br label %b20
b23:
  call void @_symmetry_sort(ptr %m3, ptr %m1, ptr %m2, i64 0, i64 2)
  br label %b18
b18:
  store i64 1, ptr %m31, align 8
  br label %b32
b32:
  call void @_symmetry_maps(ptr %m1, ptr %m4, i64 0, i64 2)
  call void @rename(ptr %m30, ptr %state, ptr %m4)
  %r36 = load i64, ptr %m31, align 8
  %r37 = icmp ne i64 %r36, 0
  br i1 %r37, label %b33, label %b38
b38:
  store i64 0, ptr %m39, align 8
  br label %b40
b40:
  %r44 = load i64, ptr %m39, align 8
  %r45 = icmp slt i64 %r44, 1
  br i1 %r45, label %b41, label %b43
b41:
  %r46 = getelementptr inbounds i64, ptr %m30, i64 %r44
  %r47 = load i64, ptr %r46, align 8
  %r48 = getelementptr inbounds i64, ptr %m29, i64 %r44
  %r49 = load i64, ptr %r48, align 8
  %r50 = icmp ult i64 %r47, %r49
  br i1 %r50, label %b33, label %b51
b51:
  %r52 = icmp ugt i64 %r47, %r49
  br i1 %r52, label %b34, label %b53
b53:
  br label %b42
b42:
  %r54 = add nsw i64 %r44, 1
  store i64 %r54, ptr %m39, align 8
  br label %b40
b43:
  br label %b34
b33:
  store i64 0, ptr %m31, align 8
  %r55 = load i64, ptr %m30, align 8
  store i64 %r55, ptr %m29, align 8
  br label %b34
b34:
  %r56 = call i64 @_symmetry_next(ptr %m1, ptr %m2, i64 2)
  %r57 = icmp ne i64 %r56, 0
  br i1 %r57, label %b32, label %b35
b35:
  %r58 = load i64, ptr %m29, align 8
  store i64 %r58, ptr %state, align 8
  ret void
}
